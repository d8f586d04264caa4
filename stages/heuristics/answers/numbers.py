"""Numbers as people write them, read as numbers."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from stages.heuristics.answers.units import MONEY, Unit, named, unit_at
from stages.heuristics.answers.words import Worded, may_be_worded, worded

_DIGITS = re.compile(
    r"""
    (?<![\w^/])(?<!\d[.,])
    (?:(?<![\w)\]%°])(?P<sign>[-+](?=[$€£¥₹]?[\d.])|negative\s(?=[\d.])))?
    (?P<money>[$€£¥₹]\s?)?
    (?P<minus>-(?=\d))?
    (?:
      (?P<mixed>\d{1,30})\s{1,3}(?P<part>\d{1,30})/(?P<of>\d{1,30})(?![\d/])
    | (?P<over>\d{1,30})\s?/\s?(?P<under>\d{1,30})(?!\s?[\d/])
    | 10\s?\^\s?\(?(?P<exponent>-\d{1,3})\)?(?!\w|\.\d)
    | (?P<comma>\d{1,3}(?:\.\d{3})+,\d{1,9}|\d{1,30},\d{1,2}(?=\s?(?:[€%]|eur|kr|[kcm]?m\b|k?g\b)))
    | (?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:[ ']\d{3})+(?!\d)|\d{1,400})
      (?:\.(?P<decimals>\d{1,400}))?
    | \.(?P<bare>\d{1,400})
    )
    (?:\s?[*x]\s?10\s?\^\s?\(?(?P<power>[-+]?\d{1,3})\)?|[eE](?P<e>[-+]?\d{1,3})(?!\w))?
    (?:(?:\s?(?P<times>hundred|thousand|million|billion|trillion|dozen)|(?P<k>k))(?!\w))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT = 40
_DIGIT = re.compile(r"[\d¼-¾⅐-⅞↉]")
_TIMES = {
    "hundred": 100,
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
_OF = re.compile(r"(?i)\s+(?:of\s+)?an?\s+")
_ARTICLE = re.compile(r"(?i)(?<!\bhalf )(?<!\bof )\ban?(?=\s)")
_PERCENT = re.compile(r"(?i)\s?(?:%|percent\b|per cent\b)")


class Quantity(NamedTuple):
    """A number that a text says, and where.

    ``decimals`` is how many stand behind its point, null where it is exact by its form (3/4) or in
    words. ``units`` are those that may be meant, empty without one.
    """

    value: Fraction
    start: int
    end: int
    decimals: int | None = None
    units: tuple[Unit, ...] = ()


def may_say_number(text: str) -> bool:
    """False for most texts without a number: no digit, no number's word, not short (an hour)."""
    return len(text) <= _SHORT or _DIGIT.search(text) is not None or may_be_worded(text)


def quantities(text: str) -> list[Quantity]:
    """Every number in a ``plain`` text, in its order, with its unit.

    What belongs together counts as one: 2 h 15 min, 5 feet 3 inches, 22 dollars and 50 cents. A
    bare "one" without a unit is left out, since it is a pronoun as often; "an hour" is one where
    nothing else is a number.
    """
    digits = _DIGITS.finditer(text) if _DIGIT.search(text) else ()
    found = [one for match in digits if (one := _digits(text, match))]
    words = [one for word in worded(text) if (one := _word(text, word))]
    if not (found or words) or _AND_PART.search(text):
        units = [one for match in _ARTICLE.finditer(text) if (one := _of_unit(text, match.span()))]
        words += [one for one in units if _AND_PART.match(text, one.end) or not (found or words)]
    for word in words:
        if not any(one.start < word.end and word.start < one.end for one in found):
            found.append(word)
    return _compound(text, _apart(sorted(found, key=lambda one: one.start)))


def _apart(found: list[Quantity]) -> list[Quantity]:
    """Without numbers that are part of the unit before them (mol^-1)."""
    kept: list[Quantity] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _word(text: str, word: Worded) -> Quantity | None:
    if word.bare:
        return _of_unit(text, (word.start, word.end))
    return _with_unit(text, Quantity(word.value, word.start, word.end))


def _of_unit(text: str, span: tuple[int, int]) -> Quantity | None:
    """One of a unit: an hour, one kilogram; null without a unit."""
    one = _with_unit(text, Quantity(Fraction(1), *span))
    return one if one.units else None


def whole_quantity(text: str) -> Quantity | None:
    """The number, with its unit, that a ``plain`` text is and no more; null for any other."""
    found = quantities(text)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(text)):
        return None
    return found[0]


def number(text: str) -> Fraction | None:
    """The value of a ``plain`` text that is one number with no unit; null for any other."""
    text = text.strip()
    match = _DIGITS.fullmatch(text)
    if match:
        one = _digits(text, match)
        return one.value if one and not one.units else None
    words = worded(text)
    if len(words) == 1 and (words[0].start, words[0].end) == (0, len(text)):
        return words[0].value
    percent = _PERCENT.search(text)
    if percent and percent.end() == len(text):
        value = number(text[: percent.start()])
        return None if value is None else value / 100
    return None


def _digits(text: str, match: re.Match[str]) -> Quantity | None:
    value, decimals = _read(match)
    if value is None:
        return None
    if match["sign"] not in {None, "+"} or match["minus"]:
        value = -value
    value *= Fraction(10) ** int(match["power"] or match["e"] or 0)
    times = match["times"] or match["k"]
    value *= _TIMES[times.lower()] if times else 1
    exact = match["power"] or match["e"] or match["exponent"] or times
    quantity = Quantity(value, match.start(), match.end(), None if exact else decimals)
    if match["money"]:
        return quantity._replace(units=named(match["money"].strip()))
    return _with_unit(text, quantity)


def _read(match: re.Match[str]) -> tuple[Fraction | None, int | None]:
    if match["mixed"] or match["over"]:
        over, under = match["part"] or match["over"], match["of"] or match["under"]
        if not int(under):
            return None, None
        return int(match["mixed"] or 0) + Fraction(int(over), int(under)), None
    if match["exponent"]:
        return Fraction(10) ** int(match["exponent"]), None
    if match["comma"]:
        whole, decimals = match["comma"].replace(".", "").split(",")
    else:
        whole = re.sub(r"\D", "", match["whole"] or "0")
        decimals = match["decimals"] or match["bare"] or ""
    return Fraction(f"{whole}.{decimals or 0}"), len(decimals)


def _with_unit(text: str, quantity: Quantity) -> Quantity:
    if percent := _PERCENT.match(text, quantity.end):
        return quantity._replace(end=percent.end(), units=named("%"))
    part = _OF.match(text, quantity.end) if quantity.decimals is None else None
    units, end = unit_at(text, part.end() if part else quantity.end)
    return quantity._replace(end=end, units=units) if units else quantity


_BETWEEN = re.compile(r"\s*(?:,|and|&)?\s*")
_AND_PART = re.compile(r"(?i)\s+and\s+(?P<part>a half|a third|a quarter|three quarters)\b")
_PART = {
    "a half": Fraction(1, 2),
    "a third": Fraction(1, 3),
    "a quarter": Fraction(1, 4),
    "three quarters": Fraction(3, 4),
}


def _compound(text: str, found: list[Quantity]) -> list[Quantity]:
    """Adds what follows at once in a smaller unit of the same kind, and "and a half"."""
    joined: list[Quantity] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last
            and last.units
            and last.end <= one.start
            and _BETWEEN.fullmatch(text, last.end, one.start)
        ):
            more = _more(text, last, one)
            if more:
                joined[-1] = more
                continue
        joined.append(one)
    return joined


def _more(text: str, last: Quantity, one: Quantity) -> Quantity | None:
    part = _AND_PART.match(text, last.end)
    if part:
        value = last.value + _PART[part["part"].lower()]
        return Quantity(value, last.start, part.end(), None, last.units)
    parts = (
        100
        if any(unit.dimension in MONEY for unit in last.units)
        else 60 * (last.units == named("h"))
    )
    if not one.units and last.value.denominator == 1 and 10 <= one.value < parts:
        return Quantity(last.value + one.value / parts, last.start, one.end, None, last.units)
    pair = _smaller(last.units, one.units)
    if pair and one.value * pair[1].factor < pair[0].factor:
        value = last.value + one.value * pair[1].factor / pair[0].factor
        return Quantity(value, last.start, one.end, None, (pair[0],))
    return None


def _smaller(units: tuple[Unit, ...], others: tuple[Unit, ...]) -> tuple[Unit, Unit] | None:
    for unit in units:
        for other in others:
            if unit.dimension == other.dimension and other.factor < unit.factor:
                return unit, other
    return None
