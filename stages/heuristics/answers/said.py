"""Which of a sentence's numbers is its result."""

from __future__ import annotations

import re
from typing import NamedTuple

from stages.heuristics.answers.clock import Date, dates
from stages.heuristics.answers.numbers import Quantity, quantities
from stages.heuristics.answers.questions import Asked, stems, written
from stages.heuristics.answers.units import Unit, named
from stages.heuristics.answers.words import NUMBERS

_CLAIMED = re.compile(
    r"(?i)(?:[=≈→:]|'s|\b(?:is|are|was|were|be|makes?|gives?|equals?|gets?|have|has|had|say|says|holds?|"
    r"leaves?|becomes?|costs?|pays?|takes?|totals?|to|exactly|about|at|falls?|remains?))\W*"
    r"(?:it\W+)?(?:(?:a total of|about|approximately|roughly|exactly|just|only|the|in)\W+)?$"
)
_CONCLUDES = re.compile(
    r"(?i)\b(?:(?<!and )so(?! that it| many| much| long)|then(?=,)|therefore|thus|hence|"
    r"which means|that means|in total|altogether|overall|finally|in the end|consequently|"
    r"that leaves|we get|i\.?e\.?|or rather|actually|in short|answer|final)\b|→|⇒"
)
_TOTAL = re.compile(
    r"(?i)^[^.,;]{0,30}\b(?:in total|altogether|together|in all|overall|it (?:is|stays)|total|left|"
    r"remain(?:s|ing)?)\b"
)
_LABEL = re.compile(
    r"(?i)\b(?:step|sonnet|question|option|figure|fig\.?|chapter|page|case|part|equation|eq\.?|rule|"
    r"problem|exercise|no\.|line|row|item|act|scene|article|section)\s?$|#\s?$"
)
_NOT = re.compile(
    r"(?i)(?:\bnot|n't|\brather than|\binstead of|\bno longer|\bnever|\bwithout)\s+"
    r"(?:(?:the|an?|quite|exactly|really|be|been|in|at|on|to|as|equal)\s+){0,2}$"
)
_RELATIVE = re.compile(
    r"(?i)(?:\s+\w+)?\s+(?:fewer|more|less|times|longer|shorter|older|younger|higher|lower)\b"
)
_NOUN = re.compile(r"[^\W\d]*\s+[^\W\d]+")
_ITEM = re.compile(r"(?:^|\n)\W*$")
_ITEM_ENDS = re.compile(r"[.)]\s+\S")
_THEN_NOT = re.compile(
    r"(?i)^\s*(?:\?|[,;]? (?:which |that )?(?:is|would be|was) (?:wrong|incorrect|not|a mistake))"
)
CORRECTED = re.compile(
    r"(?i)\bno\s*,|\bno wait|\bwait\b|\bsorry\b|\bcorrection\b|\bi mean\b|\bscratch that\b|"
    r"\bmake that\b"
)
_FROM = re.compile(r"(?i)\b(?:of|out of|from|than|between|since|until|before|after)\s+(?:the\s+)?$")
_ASIDE = re.compile(r"(?i),\s+\w+(?:\s+\w+)?\s+(?:in|on|by|since)\s+$")
_UNNAMED = re.compile(r"\W*(?:[^\W\d]+\W*){0,2}")
_STEP = re.compile(r"\s*(?:[*+/^]|-\s*\d|-\s+\w+\s*=)\s*\S")
_STEPPED = re.compile(r"[*+/^]\s*[($]*$|\d\s*-\s*$")
_IN_YEAR = re.compile(r"(?i)\bin\s+$")
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_CLAUSE = re.compile(r"(?i);|,?\s(?:and|but|while|whereas|then)\b|,\s(?:he|she|it|they|we|i)\b")
_COMMA = re.compile(r"[;,:]|\b(?:and|but|while|whereas|then)\b")


class Weighed(NamedTuple):
    """A number and how much speaks for its being the result."""

    weight: float
    quantity: Quantity


def result(text: str, asked: Asked, first: bool = False) -> Weighed | None:
    """The number that a ``plain`` sentence gives as its result; null if it says none.

    Each number is weighed by what stands around it: for it speak a claim before it, a conclusion,
    words of the question, a unit of the reference's kind; against it a step of a sum, a label, a
    date's day, brackets, a denial, and that the question gave it. Of equals the last one counts,
    or the ``first``.
    """
    return best(text, quantities(text), asked, first)


def best(text: str, found: list[Quantity], asked: Asked, first: bool = False) -> Weighed | None:
    """The one of several numbers, or times of day, in a text that ``result`` would take."""
    days = dates(text) if len(found) > 1 else []
    found = [one for one in found if not any(_is_day(one, day) for day in days)]
    if not found:
        return None
    weights = [_weight(text, found, index, asked) for index in range(len(found))]
    order = range(len(found)) if first else range(len(found) - 1, -1, -1)
    most = max(order, key=lambda index: weights[index])
    return Weighed(weights[most], found[most])


def _is_day(one: Quantity, date: Date) -> bool:
    """Whether a number is the day of a date; a result may be its year."""
    inside = date.start <= one.start and one.end <= date.end
    return inside and one.end - one.start < date.end - date.start and one.value == date.day


def _weight(text: str, found: list[Quantity], index: int, asked: Asked) -> float:
    one = found[index]
    left = found[index - 1].end if index else 0
    right = found[index + 1].start if index + 1 < len(found) else len(text)
    before = text[max(left, one.start - 60) : one.start]
    after = text[one.end : min(right, one.end + 80)]
    own = before if not index else _COMMA.split(before, maxsplit=1)[-1]
    around = asked.words & stems(f"{_CLAUSE.split(own)[-1]} {_CLAUSE.split(after)[0]}")
    around = around or asked.words & (stems(text[one.start : one.end]) - NUMBERS)
    concluded = [match.end() for match in _CONCLUDES.finditer(text, 0, one.start)]
    given, of_more = written(text, one) in asked.given, _FROM.search(before) is not None
    signs = (
        (1.5, _CLAIMED.search(before)),
        (2, concluded),
        (2, _TOTAL.match(after)),
        (1, not text[: one.start].strip(" *\"'")),
        (2, not text[: one.start].strip(" *\"'") and after.startswith(":")),
        (
            2,
            not (given or of_more)
            and (noun := _NOUN.match(after))
            and asked.counted & stems(noun[0]),
        ),
        (3, _is_bare(text[: one.start], text[one.end :])),
        (1.5 * min(2, len(around)), True),
        (-3, index + 1 < len(found) and CORRECTED.search(text, one.end, found[-1].start)),
        (-4, _STEP.match(text, one.end)),
        (-4, "=" not in before and _STEPPED.search(text, max(0, one.start - 6), one.start)),
        (-3, _RELATIVE.match(text, one.end)),
        (-4, not one.units and text[one.end : one.end + 1].isalpha()),
        (-4, not one.units and _LABEL.search(before)),
        (-6, _ITEM.search(before) and _ITEM_ENDS.match(text, one.end)),
        (-6, _NOT.search(before)),
        (-4, _THEN_NOT.match(after)),
        (-1, of_more),
        (-2, _ASIDE.search(before) and after.startswith(",")),
        (
            -1,
            not asked.year
            and _IN_YEAR.search(before)
            and _YEAR.fullmatch(text[one.start : one.end]),
        ),
        (-2.5, given),
        (-3, _bracketed(text, one)),
        (2, _alike(asked.like, one.units)),
        (-2, one.units and not asked.like and _alike(one.units, named("%"))),
    )
    return sum(weight for weight, holds in signs if holds)


def _alike(units: tuple[Unit, ...], others: tuple[Unit, ...]) -> bool:
    return any(one.dimension == other.dimension for one in units for other in others)


def _is_bare(before: str, after: str) -> bool:
    """Whether a sentence is but a number and what is counted: Nine boxes."""
    return not before.strip(" *\"'") and _UNNAMED.fullmatch(after) is not None


def _bracketed(text: str, one: Quantity) -> bool:
    """Whether a number stands in brackets that don't enclose the whole."""
    opened = text.rfind("(", 0, one.start)
    return (
        opened > 0 and ")" not in text[opened : one.start] and ")" in text[one.end : one.end + 60]
    )
