"""Where Overthink keeps what no DVC stage owns: its journal, and the lock of who writes it."""

from __future__ import annotations

import os
from pathlib import Path

from stages.errors import UserError


def home() -> Path:
    """The directory ``.overthink`` of the project, or the one that OVERTHINK_HOME names.

    ``dvc exp run --temp`` works in a copy of the project, where DVC_ROOT still names the user's
    checkout: what must outlast the copy belongs there, also where OVERTHINK_HOME is relative.
    Raises ``UserError`` for a name that can't be a folder's.
    """
    project = Path(os.environ.get("DVC_ROOT") or Path.cwd()).absolute()
    chosen = os.environ.get("OVERTHINK_HOME") or ".overthink"
    try:
        place = project / Path(chosen).expanduser()
        str(place).encode()
    except (RuntimeError, UnicodeEncodeError) as error:
        raise UserError(
            f"OVERTHINK_HOME: {chosen!a} can't be used ({error}); name a folder in UTF-8"
        ) from None
    return place
