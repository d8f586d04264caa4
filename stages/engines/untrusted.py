"""What a server sends is checked here before anything else relies on it."""

from __future__ import annotations

import json
from typing import Any

MOST = 2**63 - 1  # what a column of 64-bit integers holds


def json_object(text: str) -> dict[str, Any]:
    """The JSON object that ``text`` holds. Raises ``ValueError`` for anything else."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 (one kind of error for one kind of fault)
    return value


def member(value: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under ``name``; an empty one for null or none. Raises ``ValueError``."""
    found = value.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004
    return found


def text_of(value: dict[str, Any], name: str) -> str:
    """The text under ``name``; an empty one for null or none. Raises ``ValueError``."""
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004
    # JSON can spell half a character ("\ud83d"), which no file could hold.
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def count(value: object) -> int | None:
    """A count, or a time in whole units; null for anything but an integer from 0 to 64 bits."""
    return value if type(value) is int and 0 <= value <= MOST else None


def nanoseconds(milliseconds: object) -> int | None:
    """A time in ms as ns; null for anything but a number from 0 to what 64 bits hold."""
    if type(milliseconds) not in (int, float) or not 0 <= milliseconds <= MOST / 1e6:  # type: ignore[operator]
        return None
    return count(round(milliseconds * 1e6))  # type: ignore[operator]


def total(*values: int | None) -> int | None:
    """The sum of the server's figures; null where one is unknown or the sum can't be stored."""
    known = [value for value in values if value is not None]
    return count(sum(known)) if len(known) == len(values) else None


def words(value: object, most: int = 300) -> str:
    """``value`` as one short line without control characters, to be shown to the user."""
    shown = "".join(sign if sign.isprintable() else " " for sign in str(value)[: 10 * most])
    return " ".join(shown.split())[:most]


def message_of(text: str) -> str:
    """What a server says of its own error: ``{"error": …}`` in its shapes, or plain text."""
    found: Any = text
    try:
        found = json_object(text)
        found = found.get("error", found)
        found = found.get("message", found) if isinstance(found, dict) else found
    except ValueError:
        pass  # then the text itself is the message
    if str(found).lstrip()[:1] == "<":
        return "it sent a web page"
    return words(found) or "it gave no reason"
