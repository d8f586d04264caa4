"""The ``overthink`` command."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import NoReturn

from stages.errors import USER, run
from stages.terminal import plain_line

COMMANDS = {
    "init": "write params.yaml from a preset, or from the models in your Ollama",
    "doctor": "what this machine offers, and what is missing, with the remedy",
    "trace": "the tracer alone, around any command, with a summary at its end",
    "score": "apply every heuristic to transcripts that exist already",
    "show": "recorded responses side by side",
    "journal": "list the responses that are kept for later runs, or forget them",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        sys.stderr.write(
            f"error: {plain_line(message)}; `{self.prog} --help` lists what there is\n"
        )
        raise SystemExit(USER)


def main() -> None:
    """Entry point of the console script."""
    run(_main)


def _main(argv: list[str]) -> int | None:
    parser = _Parser(
        prog="overthink",
        description="Which local reasoning model to run on this machine, what its thinking "
        "costs, and whether it overthinks.",
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        subparsers.add_parser(name, help=purpose, add_help=False)
    chosen, rest = parser.parse_known_args(argv[:1])[0].command, argv[1:]
    # Only the chosen command is imported: `overthink --help` answers at once.
    module = importlib.import_module(f"stages.commands.{chosen}")
    subparser = _Parser(prog=f"overthink {chosen}", description=module.__doc__)
    module.add_arguments(subparser)
    status: int | None = module.main(subparser.parse_args(rest))
    return status


if __name__ == "__main__":
    main()
