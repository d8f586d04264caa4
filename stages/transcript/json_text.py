"""JSON from strangers: every fault is a ``JsonError`` that says what is wrong."""

from __future__ import annotations

import json
import reprlib
from typing import Any, NoReturn


class JsonError(ValueError):
    """What is wrong, in words for the one whose file it is; ``found`` is what stood there."""

    def __init__(self, why: str, found: str | None = None) -> None:
        super().__init__(why if found is None else f"{why} but {found}")
        self.why, self.found = why, found


def wrong(why: str, value: object) -> JsonError:
    """The error of a value that isn't what it should be."""
    return JsonError(why, shown(value))


def parse_json(raw: bytes) -> Any:
    """Parse UTF-8 JSON strictly; ``JsonError`` for anything else."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8 (byte {error.start + 1})") from None
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise JsonError(f"no valid JSON ({error.msg}, character {error.pos + 1})") from None
    except JsonError:
        raise
    except ValueError:
        raise JsonError("a number of too many digits") from None
    except RecursionError:
        raise JsonError("nested too deeply") from None


def whole_text(value: str) -> str:
    """The text with lone surrogates, which UTF-8 can't hold, replaced by U+FFFD."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def shown(value: object) -> str:
    """A value as a message may show it: short, and without control characters."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    text = reprlib.repr(value).encode("ascii", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:57] + "..."


def _no_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is no JSON number")
