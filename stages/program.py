"""A module of ours as a program of its own, whatever lies in the folder that the user is in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent


def command(module: str, *arguments: str) -> list[str]:
    """What runs it; without ``-P`` a file ``json.py`` of the user's would be taken for Python's."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """The environment in which ``command`` finds this very program."""
    others = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(_HOME), *([others] if others else [])])}
