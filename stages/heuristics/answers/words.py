"""Numbers in English words: twenty-four, a third, two and a half, half a dozen."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

_SMALL, _TENS, _ORDINALS = (
    words.split()
    for words in (
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        ),
        "twenty thirty forty fifty sixty seventy eighty ninety",
        (
            "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        ),
    )
)
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {
    word: 10 * (value + 2) for value, word in enumerate(_TENS)
}
_TIMES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_PARTS = {
    "half": 2,
    "halves": 2,
    "quarter": 4,
    "quarters": 4,
} | {word + ending: value for value, word in enumerate(_ORDINALS, start=3) for ending in ("", "s")}
_PARTS |= {"hundredth": 100, "hundredths": 100, "thousandth": 1000, "thousandths": 1000}
_TIMES |= {f"{word}s": value for word, value in _TIMES.items()}
_ANY = "|".join(sorted((*_VALUES, *_TIMES, *_PARTS), key=len, reverse=True))
_JOINT = r"(?:\s*-\s*|\s+and\s+(?:an?\s+)?|\s+an?\s+|\s+)"
_PHRASE = re.compile(
    rf"(?i)(?<![\w-])(?:(?:minus|negative)\s+)?(?:an?\s+)?(?:{_ANY})(?:{_JOINT}(?:{_ANY})){{0,20}}(?![\w])"
)
NUMBERS = frozenset((*_VALUES, *_TIMES, *_PARTS))
_TOKEN = re.compile(r"[A-Za-z]+")


class Worded(NamedTuple):
    """A number in words and where it stands; ``bare`` for a mere "one", a pronoun as often."""

    value: Fraction
    start: int
    end: int
    bare: bool


def may_be_worded(text: str) -> bool:
    """Whether any word of a text may be part of a number."""
    return not NUMBERS.isdisjoint(_TOKEN.findall(text.lower()))


def worded(text: str) -> list[Worded]:
    """Every number in words, in the text's order; ordinals (the third, twenty-third) are none."""
    if not may_be_worded(text):
        return []
    found = []
    for match in _PHRASE.finditer(text):
        tokens = [(one[0].lower(), *one.span()) for one in _TOKEN.finditer(text, *match.span())]
        while tokens:
            value, used = _read([word for word, _, _ in tokens])
            if value is not None:
                start, end = tokens[0][1], tokens[used - 1][2]
                found.append(Worded(value, start, end, text[start:end].lower() == "one"))
            tokens = tokens[used:]
    return found


def spelled(value: int) -> str | None:
    """A whole number from 0 to 99 in words, null beyond."""
    if not 0 <= value < 100:
        return None
    if value < 20:
        return _SMALL[value]
    ten, rest = divmod(value, 10)
    return _TENS[ten - 2] + (f"-{_SMALL[rest]}" if rest else "")


def spelled_ordinal(value: int) -> str:
    """A whole number from 1 to 99 as an ordinal: twenty-first."""
    head, dash, last = (spelled(value) or "").rpartition("-")
    ordinals = {
        "one": "first",
        "two": "second",
        "three": "third",
        "five": "fifth",
        "eight": "eighth",
        "nine": "ninth",
        "twelve": "twelfth",
    }
    ending = ordinals.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return head + dash + ending


def _read(words: list[str]) -> tuple[Fraction | None, int]:
    """The number at the beginning and how many words it takes; null for what isn't one."""
    if words[0] in {"minus", "negative"} and len(words) > 1:
        value, used = _read(words[1:])
        return None if value is None else -value, used + 1
    if words[:3] == ["half", "a", "dozen"]:
        return Fraction(6), 3
    total, group, used = Fraction(0), None, 0
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if word in _PARTS:
            value, used = _parted(words, place, total, group)
            more = _TIMES.get(words[used]) if used < len(words) else None
            return (value * more, used + 1) if value is not None and more else (value, used)
        if word in _VALUES:
            if group is not None and not _may_follow(
                before, words[place - 2 : place - 1], _VALUES[word]
            ):
                part, more = _read(words[place:]) if before == "and" else (None, 0)
                if part is not None and part < 1:
                    return total + group + part, place + more
                break
            group = (group or Fraction(0)) + _VALUES[word]
        elif word in _TIMES:
            if before == "and":
                break
            group = (Fraction(1) if group is None else group) * _TIMES[word]
            if _TIMES[word] >= 1000:
                total, group = total + group, Fraction(0)
        else:
            continue
        used = place + 1
    return (None, used or 1) if group is None else (total + group, used)


def _parted(
    words: list[str], place: int, total: Fraction, group: Fraction | None
) -> tuple[Fraction | None, int]:
    """A number that ends in a part: a third, two thirds, two and a half; not the third."""
    part, before = Fraction(1, _PARTS[words[place]]), words[place - 1] if place else ""
    if before in {"a", "an"} and (group is None or "and" in words[:place]):
        return total + (group or 0) + part, place + 1
    if words[place] == "half" and group is None:
        return part, place + 1
    plural = words[place].endswith(("s", "ves"))
    if group is None or before in {"a", "an", "and"} or (group > 1 and not plural):
        return None, place + 1
    return total + group * part, place + 1


def _may_follow(before: str, earlier: list[str], value: int) -> bool:
    """Twenty-four, hundred four and hundred and four, but not four five or three and five."""
    if before == "and":
        return bool(earlier) and earlier[0] in _TIMES
    return before in _TIMES or (before in _TENS and 0 < value < 10)
