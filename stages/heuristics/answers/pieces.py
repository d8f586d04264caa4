"""What a test of an answer looks at, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeAlias

from stages.heuristics.answers.plain import plain
from stages.heuristics.answers.statements import Kind, Statement, is_short, statements
from stages.heuristics.answers.units import unit_at

_BEHIND = 40
_BOX_ENDS = re.compile(r"^\}[\s$}]*(?:\\[\])])?[\s$]*")
_FORMULA_ENDS = re.compile(r"(?<!\\)\$(?!\s?\d)")


class Piece:
    """A piece of an answer: as it is, and ``plain`` once that is asked for."""

    def __init__(self, raw: str, kind: Kind) -> None:
        self.raw = raw
        self.kind = kind

    @cached_property
    def text(self) -> str:
        """The piece, ``plain``."""
        return plain(self.raw).strip()


class Pieces:
    """The pieces of an answer, the most telling first; each is made when it is first asked for."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.short = is_short(answer)
        self.found: list[Statement] = []
        self._made: list[Piece] = []
        self._more = statements(answer)

    def __iter__(self) -> Iterator[Piece]:
        yield from self._made
        for statement in self._more:
            self.found.append(statement)
            self._made.append(_piece(self.answer, statement))
            yield self._made[-1]


def _piece(answer: str, statement: Statement) -> Piece:
    text = answer[statement.start : statement.end]
    if statement.kind == "boxed":
        # Between two boxes stand the ends of their formulas.
        text = _FORMULA_ENDS.sub("", text) + _unit_behind(answer, statement.end)
    return Piece(text, statement.kind)


def _unit_behind(answer: str, end: int) -> str:
    """The unit that follows a box, a blank before it; empty without one."""
    text = plain(_BOX_ENDS.sub("", answer[end : end + _BEHIND])).lstrip(" $.")
    _, length = unit_at(text, 0)
    return f" {text[:length]}" if length else ""


class Found(NamedTuple):
    """Whether the answer gives the reference, and the number of the piece that decided."""

    correct: bool
    place: int


# A test says whether the pieces give a reference; null where none says anything of its kind.
Test: TypeAlias = Callable[[Pieces], Found | None]


def first_to_say(one: Callable[[str, Kind], bool | None]) -> Test:
    """The first piece that says something decides; ``one`` gives null where a piece doesn't."""

    def test(pieces: Pieces) -> Found | None:
        for place, piece in enumerate(pieces):
            correct = one(piece.text, piece.kind)
            if correct is not None:
                return Found(correct, place)
        return None

    return test


def right_side(text: str) -> str:
    """What stands behind the last sign of equality."""
    return re.split(r"[=≈→]", text)[-1].strip(" .")
