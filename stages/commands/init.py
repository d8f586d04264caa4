"""Write params.yaml from a preset, or from the models that Ollama holds.

An edited params.yaml is never replaced without --force.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stages.engines.ollama_reach import Servers
from stages.engines.ollama_server import address_of, is_local
from stages.engines.protocol import EngineError
from stages.errors import UserError
from stages.files import replacing
from stages.home import home
from stages.installed.catalogue import catalogue
from stages.installed.params import Written, installed_params
from stages.machine import usable_cores
from stages.params.load import load
from stages.params.problems import plain
from stages.sizing.capacity import capacity

PRESETS = Path("presets")
PARAMS = Path("params.yaml")
BASE = "small"  # what --installed takes over apart from the models: it is for true reasoning models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink init``."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--preset", default="starter", help="a file of presets/, without .yaml")
    source.add_argument(
        "--installed", action="store_true", help="the models that your Ollama holds already"
    )
    parser.add_argument("--force", action="store_true", help="replace an edited params.yaml")


def main(arguments: argparse.Namespace) -> None:
    """Write params.yaml."""
    presets = {path.stem: path for path in sorted(PRESETS.glob("*.yaml"))}
    if not presets:
        raise UserError("init: no presets/ here; run it in the project's folder")
    name = BASE if arguments.installed else arguments.preset
    if name not in presets:
        raise UserError(f"init: no preset {name!r}; there are {', '.join(presets)}")
    unedited = [path.read_bytes() for path in presets.values()]
    if arguments.installed:
        found = _installed(presets[name])
        _write(found.text.encode(), unedited, arguments.force)
        _say(found)
    else:
        _write(presets[name].read_bytes(), unedited, arguments.force)
        print(f"params.yaml is now the preset {name}; `make repro` runs it")


def _write(wanted: bytes, unedited: list[bytes], force: bool) -> None:
    if PARAMS.exists() and not force and PARAMS.read_bytes() not in (wanted, *unedited):
        raise UserError(
            "init: params.yaml has been edited and would be lost; "
            "keep a copy of it, then give --force"
        )
    with replacing(PARAMS) as part:
        part.write_bytes(wanted)


def _installed(base: Path) -> Written:
    servers = Servers()
    try:
        client, _ = servers.reach(None, home() / "ollama.log")
        models, left_out = catalogue(client)
    except EngineError as error:
        raise UserError(f"init: {error}") from error
    finally:
        servers.stop()
    room = capacity() if is_local(client) else None
    found = installed_params(load(base), models, left_out, room, usable_cores())
    if not found.models:
        why = "; ".join(f"{left.tag}: {left.reason}" for left in found.left_out[:3])
        said = f" ({plain(why)})" if why else ""
        raise UserError(
            f"init: the Ollama at {address_of(client)} holds no model that can be asked here{said};"
            " start the one that holds yours, or get one, such as `ollama pull deepseek-r1:1.5b`, "
            "and run this again; or take a preset, whose models a run downloads: "
            "`overthink init --preset small`"
        )
    return found


def _say(found: Written) -> None:
    print(f"params.yaml now has {', '.join(found.models)}")
    if found.together:
        print(f"side by side: {', '.join(found.together)}")
    else:
        print("side by side: none; no two of different weights are known to fit together")
    for left in found.left_out:
        print(f"left out: {plain(left.tag)}: {plain(left.reason)}")
    print("It says what each model needs. `make repro` runs it.")
