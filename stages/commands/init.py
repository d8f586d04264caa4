"""Write params.yaml from a preset. An edited params.yaml is never replaced without --force."""

from __future__ import annotations

import argparse
from pathlib import Path

from stages.errors import UserError

PRESETS = Path("presets")
PARAMS = Path("params.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink init``."""
    parser.add_argument("--preset", default="starter", help="a file of presets/, without .yaml")
    parser.add_argument("--force", action="store_true", help="replace an edited params.yaml")


def main(arguments: argparse.Namespace) -> None:
    """Copy the preset over params.yaml."""
    presets = {path.stem: path for path in sorted(PRESETS.glob("*.yaml"))}
    if not presets:
        raise UserError("init: no presets/ here; run it in the project's folder")
    if arguments.preset not in presets:
        raise UserError(f"init: no preset {arguments.preset!r}; there are {', '.join(presets)}")
    wanted = presets[arguments.preset].read_bytes()
    if PARAMS.exists() and not arguments.force:
        held = PARAMS.read_bytes()
        if held not in (wanted, *(path.read_bytes() for path in presets.values())):
            raise UserError(
                "init: params.yaml has been edited and would be lost; "
                "keep a copy of it, then give --force"
            )
    PARAMS.write_bytes(wanted)
    print(f"params.yaml is now the preset {arguments.preset}; `make repro` runs it")
