"""Which sources are to be asked again: ``data/retry.json``, read by ``plan``, written by ``gate``.

A run whose failures are too many fails in ``gate``, but DVC has the failed rows in its cache and
would show them for ever. So ``gate`` marks what failed, ``plan`` hands the mark on to that source's
stages, and the next ``dvc repro`` asks anew where something failed, and only there. A mark is never
used twice: the same one again would bring the same rows back from DVC's cache.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from stages.errors import UserError
from stages.files import write_json

FILE = Path("data/retry.json")
_MARKS = TypeAdapter(dict[str, str])


def marks() -> dict[str, str]:
    """The mark of each source that failed in some run; no file is no mark.

    Raises ``UserError`` where the file was spoilt by hand.
    """
    try:
        return _MARKS.validate_json(FILE.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise UserError(f"{FILE}: not as the stage gate writes it; write {{}} into it") from None


def again(sources: Iterable[str]) -> None:
    """Have the next run ask these sources again."""
    write_json(FILE, marks() | {source: uuid.uuid4().hex for source in sources})
