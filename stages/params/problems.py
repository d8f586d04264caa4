"""One line a mistake: file, line, key, what was found, and what to write instead."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from stages.errors import UserError

Trail: TypeAlias = tuple[str | int, ...]
"""The keys and positions that lead to a value, from the top of a document."""

ABSENT = "__absent__"
"""Stands where a required value is missing, so that the rest can be checked; never objected to."""

LONGEST = 60  # characters shown of a value found


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake at one place of a file (``line`` from 1; ``key`` empty for the file as a whole)."""

    file: str
    line: int
    key: str
    text: str
    trail: Trail = ()

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.key}: {self.text}" if self.key else f"{where}{self.text}"


def refuse(problems: Iterable[Problem]) -> None:
    """Raise one ``UserError`` that holds every problem, by file and line; none: return."""
    found = sorted(set(problems), key=lambda problem: (problem.file, problem.line, problem.key))
    if not found:
        return
    lines = "\n".join(map(str, found))
    raise UserError(lines if len(found) == 1 else f"{len(found)} mistakes to mend first:\n{lines}")


def spell(trail: Trail) -> str:
    """``generation.epochs``, ``prompts[0]``: as DVC's ``--set-param`` takes it."""
    spelt = ""
    for step in trail:
        if isinstance(step, int):
            spelt += f"[{step}]"
        else:
            name = plain(step) if step and "." not in step else shown(step)
            spelt += f".{name}" if spelt else name
    return spelt


def shown(value: object) -> str:
    """A value for a message: as JSON, cut, and safe to print in any terminal."""
    if value is None:
        return "nothing"
    text = plain(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def plain(text: str) -> str:
    """``text`` with everything that a terminal might act on written as an escape."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def nearest(name: str, known: Iterable[str]) -> str:
    """``did you mean X?``, or a list of what is known where nothing is near."""
    names = list(known)
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]}?"
    if not names:
        return "none is known here"
    return f"known here: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"
