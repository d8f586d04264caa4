"""What a question says of its answer."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from stages.heuristics.answers.numbers import Quantity, quantities
from stages.heuristics.answers.plain import plain
from stages.heuristics.answers.units import Unit, unit_at

_SENTENCE = re.compile(r"[^.?!\n]+[.?!]?")
_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDINGS = ("ing", "ed", "es", "s", "e")
_NOT_TELLING = (
    "the and for are was were how many much what which does did has have had will would can could "
    "with from that this his her their its she they all who when where there each per get number "
    "year total one two three four five six seven eight nine ten"
)
_EMPTY = frozenset(_NOT_TELLING.split())
_VERBS = (
    "began begin begun begin born bear bought buy built build came come did do died die drew draw "
    "fell fall felt feel found find fought fight gave give grew grow held hold kept keep knew know "
    "led lead left leave lost lose made make met meet paid pay ran run sang sing sank sink sold "
    "sell sent send spent spend spoke speak stood stand taught teach thought think threw throw "
    "took take went go won win wrote write written write"
)
_IRREGULAR = dict(zip(_VERBS.split()[::2], _VERBS.split()[1::2], strict=True))
_HOW_MANY = re.compile(r"(?i)\bhow many (?:more |other |different )?([a-z]+)")
_WHEN = re.compile(r"(?i)\b(?:when|year|date|century)\b")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ROUGH = re.compile(r"(?i)\b(?:roughly|approximately|about how|estimate|rounded|nearest)\b")
_BOUND = re.compile(
    r"(?i)\b(?:least|most|minim\w*|maxim\w*|fewest|smallest|largest|greatest|lowest|highest|exceed\w*|"
    r"(?:more|less|fewer|greater) than|enough|limit)\b"
)
_ORDER = re.compile(r"(?i)\b(?:order|sort|arrange|rank)")
_FIGURES = re.compile(r"[\d,]*\d|[A-Za-z]+")
_IN = re.compile(r"\bin ")


class Asked(NamedTuple):
    """What is known of a result: the question's telling words and the numbers that it gives.

    ``counted`` is what "how many" asks for, empty where nothing is counted; ``like`` are the
    reference's units; ``year``: a year may be meant.
    """

    words: frozenset[str] = frozenset()
    given: frozenset[tuple[Fraction, str]] = frozenset()
    like: tuple[Unit, ...] = ()
    year: bool = False
    counted: frozenset[str] = frozenset()


class Question:
    """A question, or none at all; what it says is found when it is first needed.

    ``several``: more than one answer is right.
    """

    def __init__(self, text: str | None, several: bool = False) -> None:
        self._raw, self.several = text or "", several

    @cached_property
    def text(self) -> str:
        """The question, ``plain``."""
        return plain(self._raw)

    def asked(self, like: tuple[Unit, ...] = ()) -> Asked:
        """What it says of its answer."""
        when = _WHEN.search(self.text) is not None
        counted = _HOW_MANY.findall(self.text)
        return Asked(self._words, self._given, like, when, stems(" ".join(counted[-1:])))

    @cached_property
    def _words(self) -> frozenset[str]:
        """The telling words of its last sentence, which tells what is asked for."""
        said = [one for one in _SENTENCE.findall(self.text.lower()) if _WORD.search(one)]
        last = ([one for one in said if one.endswith("?")] or said)[-1:]
        return stems(" ".join(last))

    @cached_property
    def _given(self) -> frozenset[tuple[Fraction, str]]:
        return frozenset(written(self.text, one) for one in quantities(self.text))

    @cached_property
    def unit(self) -> tuple[Unit, ...]:
        """The unit that it asks for: "in km/h?"."""
        for match in _IN.finditer(self.text):
            units, end = unit_at(self.text, match.end())
            if units and end > match.end():
                return units
        return ()

    @cached_property
    def roughly(self) -> bool:
        """Whether an estimate will do."""
        return _ROUGH.search(self.text) is not None

    @cached_property
    def bounds(self) -> bool:
        """Whether a bound answers it: "At least how many?"."""
        return _BOUND.search(self.text) is not None

    @cached_property
    def in_order(self) -> bool:
        """Whether it asks for an order."""
        return _ORDER.search(self.text) is not None

    @cached_property
    def years(self) -> frozenset[int]:
        """The years that it names."""
        return frozenset(int(year) for year in _YEAR.findall(self.text))


def written(text: str, one: Quantity) -> tuple[Fraction, str]:
    """A number by its value and its first figures or word, so that 3/4 isn't 42/56."""
    first = _FIGURES.match(text, one.start)
    return one.value, first[0].replace(",", "") if first else ""


def stems(text: str) -> frozenset[str]:
    """The telling words of a text without their commonest endings."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _EMPTY)


def _stem(word: str) -> str:
    word = _IRREGULAR.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + 2:
            return word[: len(word) - len(ending)].removesuffix("e")
    return word
