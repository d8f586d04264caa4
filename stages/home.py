"""Where Overthink keeps what no DVC stage owns: scratch of running sessions, later its journal."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The directory ``.overthink`` of the project, or the one that OVERTHINK_HOME names.

    ``dvc exp run --temp`` works in a copy of the project, where DVC_ROOT still names the user's
    checkout: what must outlast the copy belongs there.
    """
    if chosen := os.environ.get("OVERTHINK_HOME"):
        return Path(chosen).expanduser().absolute()
    return Path(os.environ.get("DVC_ROOT") or Path.cwd()).absolute() / ".overthink"
