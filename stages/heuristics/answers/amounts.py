"""Whether an answer gives an amount: a number, with a unit or without."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from stages.heuristics.answers.expressions import formula_values, same_formula
from stages.heuristics.answers.numbers import Quantity, may_say_number, quantities, whole_quantity
from stages.heuristics.answers.pieces import Found, Piece, Pieces, Test, first_to_say, right_side
from stages.heuristics.answers.questions import Asked, Question
from stages.heuristics.answers.said import CORRECTED, Weighed, result
from stages.heuristics.answers.same import same_quantity
from stages.heuristics.answers.units import Unit, named

# A number of the first weight or less is hardly meant as a result, one of the second surely is.
_DOUBTFUL, _CERTAIN = -4.0, 3.0
_POINTED = frozenset({"boxed", "marked", "bold"})
_ROUGHLY = Fraction(1, 100)
_TIME = named("h")[0].dimension
_PERCENT = named("%")[0].dimension
_SPAN = re.compile(r"(?<![\d:])(\d{1,3}):([0-5]\d)(?![\d:])")
_SPAN_IN_HOURS = re.compile(rf"{_SPAN.pattern}\s*h(?:ours?|rs?)?\b")
_NUMBERS = "one two three four five six seven eight nine ten"
_COUNTS = {word: value for value, word in enumerate(_NUMBERS.split(), start=1)} | {
    "hundred": 100,
    "thousand": 1000,
}
_BOUND = re.compile(
    r"(?i)\b(?:(?:more|less|fewer|greater|larger|smaller|higher|lower) than|at (?:least|most))\s+"
    r"[$€£]?$"
)
_OR, _OR_ON = re.compile(r"(?i)\s+or\s+$"), re.compile(r"(?i)\s+or\s+")
_HYPHENED, _HYPHENED_ON = re.compile(r"(?<![\w/-])\d+-$"), re.compile(r"-\d+(?![\w/-])")
_COUNT = rf"(\d+|{'|'.join(_COUNTS)})"
_SHARE = re.compile(rf"(?i)(?<!\w){_COUNT}\s+(?:out of|in|of every)\s+(?:a )?{_COUNT}(?!\w)")


class _Wanted(NamedTuple):
    """The reference and what its question says."""

    quantity: Quantity
    question: Question

    @property
    def asked(self) -> Asked:
        return self.question.asked(self.quantity.units)


def amount(text: str, question: Question) -> Test | None:
    """The test for a reference that is one number; null for another.

    A box, what follows "the answer is" and bold decide where they hold a number. Else all numbers
    of the sentences are weighed (``result``), those of earlier sentences less.
    """
    quantity = whole_quantity(text)
    if quantity is None:
        return None
    wanted = _Wanted(quantity, question)
    bare = first_to_say(lambda piece, _kind: _one_or_none(quantity, piece))
    return lambda pieces: _found(wanted, pieces) or bare(pieces)


def _found(wanted: _Wanted, pieces: Pieces) -> Found | None:
    """What is pointed at decides, else the number that weighs most.

    Each sentence back costs one, a correction after it four. A number that is claimed and speaks
    of what was asked ends the search.
    """
    said: list[tuple[float, int, bool]] = []
    corrected = 0
    for place, piece in enumerate(pieces):
        if piece.kind in _POINTED and (correct := _pointed(wanted, piece)) is not None:
            return Found(correct, place)
        if piece.kind != "sentence" or not may_say_number(piece.raw):
            continue
        text = _read_for(wanted.quantity, piece.text)
        if found := result(text, wanted.asked):
            right = _same(wanted, found.quantity) and not _undecided(wanted, text, found.quantity)
            said.append((found.weight - len(said) - corrected, -place, right))
            if said[-1][0] >= _CERTAIN:
                break
        corrected += 4 * (bool(said) and CORRECTED.search(text) is not None)
    weight, place, right = max(said, key=lambda one: one[:2], default=(_DOUBTFUL, 0, False))
    return Found(right, -place) if weight > _DOUBTFUL else None


def _pointed(wanted: _Wanted, piece: Piece) -> bool | None:
    text = _read_for(wanted.quantity, piece.text)
    side = right_side(text) if piece.kind == "boxed" else text
    whole = whole_quantity(side)
    if whole is None and piece.kind == "boxed" and formula_values(side):
        return same_formula(side, str(wanted.quantity.value))
    said = Weighed(0, whole) if whole else result(side, wanted.asked, piece.kind == "marked")
    if said is None or said.weight <= _DOUBTFUL:
        return _one_or_none(wanted.quantity, text)
    within = text if whole is None else side
    return _same(wanted, said.quantity) and not _undecided(wanted, within, said.quantity)


def _undecided(wanted: _Wanted, text: str, said: Quantity) -> bool:
    """Whether a number is but a bound that wasn't asked for, or one of two that differ."""
    before, after = text[: said.start], text[said.end :]
    if _BOUND.search(before) and not wanted.question.bounds:
        return True
    if _HYPHENED.search(before) or _HYPHENED_ON.match(after):
        return True
    if wanted.question.several or not (_OR.search(before) or _OR_ON.match(after)):
        return False
    others = (
        one
        for one in quantities(text)
        if _OR.fullmatch(text, one.end, said.start) or _OR_ON.fullmatch(text, said.end, one.start)
    )
    return any(not same_quantity(said, other) for other in others)


def _same(wanted: _Wanted, said: Quantity) -> bool:
    reference = wanted.quantity
    near = abs(said.value - reference.value) <= _ROUGHLY * abs(reference.value)
    if near and wanted.question.roughly:
        return same_quantity(reference, said._replace(value=reference.value, decimals=None))
    unit = wanted.question.unit if said.units and not reference.units else ()
    if _convertible(unit, said):
        return same_quantity(reference._replace(units=unit), said)
    return same_quantity(reference, said)


def _convertible(unit: tuple[Unit, ...], said: Quantity) -> bool:
    return any(one.dimension == other.dimension for one in unit for other in said.units)


def _read_for(reference: Quantity, text: str) -> str:
    """What has several readings read as needed: one in four as 1/4, 1:45 as a span of time."""
    if any(unit.dimension == _TIME for unit in reference.units):
        text = _SPAN_IN_HOURS.sub(r"\1 h \2 min", text)
        named_spans = any(unit.dimension == _TIME for one in quantities(text) for unit in one.units)
        return text if named_spans else _SPAN.sub(r"\1 h \2 min", text)
    percent = any(unit.dimension == _PERCENT for unit in reference.units)
    if not percent and not 0 < reference.value < 1:
        return text
    return _SHARE.sub(lambda match: "/".join(map(_counted, match.groups())), text)


def _counted(word: str) -> str:
    return str(_COUNTS.get(word.lower(), word))


def _one_or_none(reference: Quantity, text: str) -> bool | None:
    """A bare "one" and "none", which are no numbers elsewhere."""
    if reference.value == 1 and re.search(r"(?i)\bone\b", text):
        return True
    if reference.value == 0 and re.search(r"(?i)\b(?:none|nothing|no one|nobody)\b", text):
        return True
    return None
