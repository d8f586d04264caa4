"""Ordinals, as in the 14th century or the fifth floor."""

from __future__ import annotations

import re
from fractions import Fraction

from stages.heuristics.answers.numbers import Quantity
from stages.heuristics.answers.words import spelled_ordinal

_WORDS = {spelled_ordinal(value): value for value in range(1, 100)}
_LONG_FIRST = "|".join(sorted(_WORDS, key=len, reverse=True))
_ORDINAL = re.compile(rf"(?i)\b(?:(?P<digits>\d{{1,4}})(?:st|nd|rd|th)|(?P<word>{_LONG_FIRST}))\b")
_REFERENCE = re.compile(rf"(?:the\s+)?(?:{_ORDINAL.pattern[4:]})(?:\s+[a-z]+)?", re.IGNORECASE)


def ordinals(text: str) -> list[Quantity]:
    """Every ordinal in a ``plain`` text, in its order."""
    return [
        Quantity(Fraction(_value(match)), match.start(), match.end(), 0)
        for match in _ORDINAL.finditer(text)
    ]


def ordinal(reference: str) -> int | None:
    """What a reference counts (14th century, the fifth); null if it is something else."""
    match = _REFERENCE.fullmatch(reference)
    return _value(match) if match else None


def _value(match: re.Match[str]) -> int:
    return int(match["digits"]) if match["digits"] else _WORDS[match["word"].lower()]
