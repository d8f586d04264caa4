"""Ranges of numbers: [3, 5), 3 ≤ x < 5, x > 3, between 3 and 5, at least 3."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from stages.heuristics.answers.expressions import formula_values
from stages.heuristics.answers.numbers import number, quantities


class Interval(NamedTuple):
    """From ``low`` to ``high``; whether each belongs to it, null where that isn't said."""

    low: float
    low_in: bool | None
    high: float
    high_in: bool | None


_END = r"[^\s,;:\[\]()<>≤≥∪|](?:[^,;:\[\]<>≤≥∪|\n]{0,30}[^\s,;:\[\]<>≤≥∪|])?"
_SIGN = r"[<>≤≥]"
_BRACKETS = re.compile(
    rf"(?P<open>[(\[])\s*(?P<low>{_END})\s*[,;]\s*(?P<high>{_END})\s*(?P<close>[)\]])"
)
_CHAIN = re.compile(
    rf"(?P<low>[^\s<>≤≥,;∪]+)\s*(?P<first>{_SIGN})\s*[A-Za-z][\w()]{{0,4}}\s*(?P<second>{_SIGN})\s*"
    rf"(?P<high>[^\s<>≤≥,;∪]+)"
)
_ONE = re.compile(
    rf"(?<![\w<>≤≥])[A-Za-z][\w()]{{0,4}}\s*(?P<sign>{_SIGN})\s*(?P<end>[^\s<>≤≥,;∪]+)"
)
_OTHER = re.compile(rf"(?P<end>[^\s<>≤≥,;∪]+)\s*(?P<sign>{_SIGN})\s*[A-Za-z]\b(?!\s*{_SIGN})")
_ABSOLUTE = re.compile(rf"\|\s*[A-Za-z]\s*\|\s*(?P<sign>{_SIGN})\s*(?P<end>[^\s<>≤≥,;∪]+)")
_BETWEEN = re.compile(
    r"(?i)\b(?:between|from)\s+(?P<low>\S+(?: \S+)?)\s+(?:and|to|up to|till|until|through)\s+"
    r"(?P<high>[^\s,;]+)(?P<in>[^.;\n]{0,40}?\b(?:inclusive|exclusive|included|excluded|strictly))?"
)
_RANGE = re.compile(r"(?P<low>[-\d.,]*\d)\s*(?:-|to)\s*(?P<high>\d[\d.,]*)")
# What an end is called, whether it is the low one, whether it belongs to the range.
_ENDS = (
    (r"at least|no(?:t)? less than|no fewer than|minimum of|greater than or equal to", True, True),
    ("from", True, True),
    (
        r"at most|no(?:t)? more than|up to(?: and including)?|maximum of|less than or equal to",
        False,
        True,
    ),
    ("not exceeding", False, True),
    (r"more than|greater than|over|above|exceed(?:s|ing)|larger than|bigger than", True, False),
    (r"less than|fewer than|under|below|smaller than", False, False),
)
_WORDED = tuple(
    (re.compile(rf"(?i)\b(?:{words})\s+(?P<end>[-$€£]?\S+)"), low, inside)
    for words, low, inside in _ENDS
)
_NEVER = re.compile(
    r"(?i)(?:never|not|n't|no)\b[^,;.\n]{0,25}?\b"
    r"(?:(?P<high>above|over|beyond|exceeds?|more than|greater than)|"
    r"(?P<low>below|under|less than|lower than))\s+(?P<end>(?:minus |negative )?[-\w./]+)"
)
_OR_MORE = re.compile(
    r"(?i)(?P<end>[-$€£]?\d[\d.,]*%?)\s+(?:\w+\s+)?(?:and|or)\s+(?:(?P<more>more|above|over|greater|up|larger|older)|"
    r"(?:less|below|under|fewer|smaller|lower|younger))\b"
)
_UNION = re.compile(r"∪|\bor\b|\bunion\b", re.IGNORECASE)


def intervals(text: str) -> list[Interval]:
    """The ranges that a ``plain`` text names, from the lowest up; empty if it names none."""
    found, rest = _written(text)
    if not found:
        found = [*_worded(text), *_ranges(text)][:1]
    elif rest and len(found) > 1 and not _UNION.search(text):
        found = [_common(found)]
    return sorted(set(found), key=lambda one: (one.low, one.high))


def same_intervals(reference: list[Interval], said: list[Interval]) -> bool:
    """Equal ranges; where one doesn't say whether an end belongs to it, either will do."""
    return len(reference) == len(said) > 0 and all(
        _same_end(one.low, other.low)
        and _same_end(one.high, other.high)
        and _agree(one.low_in, other.low_in)
        and _agree(one.high_in, other.high_in)
        for one, other in zip(reference, said, strict=True)
    )


def _written(text: str) -> tuple[list[Interval], bool]:
    """Ranges in signs, and whether they are inequalities, which "and" narrows."""
    brackets = [
        Interval(low, match["open"] == "[", high, match["close"] == "]")
        for match in _BRACKETS.finditer(text)
        if (low := _value(match["low"])) is not None
        and (high := _value(match["high"])) is not None
        and low < high
    ]
    if brackets:
        return brackets, False
    chains = [one for match in _CHAIN.finditer(text) if (one := _chain(match))]
    if chains:
        return chains, False
    absolute = [one for match in _ABSOLUTE.finditer(text) for one in _absolute(match)]
    if absolute:
        return absolute, False
    single = [
        one
        for pattern, turned in ((_ONE, False), (_OTHER, True))
        for one in _singles(pattern, turned, text)
    ]
    return single, True


def _chain(match: re.Match[str]) -> Interval | None:
    low, high = _value(match["low"]), _value(match["high"])
    first, second = match["first"], match["second"]
    if low is None or high is None or (first in "<≤") != (second in "<≤"):
        return None
    if first in "<≤":
        return Interval(low, first == "≤", high, second == "≤")
    return Interval(high, second == "≥", low, first == "≥")


def _absolute(match: re.Match[str]) -> list[Interval]:
    end, inside = _value(match["end"]), match["sign"] in "≤≥"
    if end is None:
        return []
    if match["sign"] in "<≤":
        return [Interval(-end, inside, end, inside)]
    return [_half(False, -end, inside), _half(True, end, inside)]


def _singles(pattern: re.Pattern[str], turned: bool, text: str) -> list[Interval]:
    found = []
    for match in pattern.finditer(text):
        end = _value(match["end"])
        if end is not None:
            found.append(_half((match["sign"] in ">≥") != turned, end, match["sign"] in "≤≥"))
    return found


def _half(low: bool, end: float, inside: bool | None) -> Interval:
    return (
        Interval(end, inside, math.inf, False) if low else Interval(-math.inf, False, end, inside)
    )


def _worded(text: str) -> list[Interval]:
    never = [
        _half(match["low"] is not None, end, True)
        for match in _NEVER.finditer(text)
        if (end := _value(match["end"])) is not None
    ]
    if len(never) > 1:
        return [_common(never)]
    found = never
    for match in _BETWEEN.finditer(text):
        low, high = _value(match["low"]), _value(match["high"])
        if low is not None and high is not None:
            said = (match["in"] or "").lower()
            inside = None if not said else said.endswith(("inclusive", "included"))
            found.append(Interval(low, inside, high, inside))
    for pattern, low_end, inside in _WORDED:
        for match in pattern.finditer(text):
            end = _value(match["end"])
            if end is not None:
                found.append(_half(low_end, end, inside))
    for match in _OR_MORE.finditer(text):
        end = _value(match["end"])
        if end is not None:
            found.append(_half(match["more"] is not None, end, True))
    return found


def _ranges(text: str) -> list[Interval]:
    ends = [(_value(match["low"]), _value(match["high"])) for match in _RANGE.finditer(text)]
    return [
        Interval(a, None, b, None) for a, b in ends if a is not None and b is not None and a < b
    ]


def _common(found: list[Interval]) -> Interval:
    low = max(found, key=lambda one: (one.low, not one.low_in))
    high = min(found, key=lambda one: (one.high, bool(one.high_in)))
    return Interval(low.low, low.low_in, high.high, high.high_in)


def _value(text: str) -> float | None:
    text = text.strip(" .,;:!?")
    if text.lstrip("+-") in {"∞", "infinity", "inf"}:
        return -math.inf if text.startswith("-") else math.inf
    exact = number(text)
    if exact is not None:
        return float(exact) if abs(exact) < 10**300 else None
    found = quantities(text)
    if len(found) == 1 and found[0].end - found[0].start == len(text):
        return float(found[0].value)
    values = formula_values(text) if re.search(r"[\dπ]", text) else None
    if values and values[0] == values[1] and not values[0].imag:
        return values[0].real
    return None


def _same_end(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, rel_tol=1e-9)


def _agree(one: bool | None, other: bool | None) -> bool:
    return one is None or other is None or one == other
