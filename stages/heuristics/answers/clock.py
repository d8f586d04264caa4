"""Times of day and dates, as figures and in words."""

from __future__ import annotations

import re
from typing import NamedTuple

from stages.heuristics.answers.words import spelled, spelled_ordinal

_HOURS = {spelled(hour): hour for hour in range(1, 13)} | {"noon": 12, "midnight": 0}
_MINUTES = {spelled(minute): minute for minute in range(1, 60)} | {"quarter": 15, "a quarter": 15}
_HOUR_WORDS = "|".join(sorted(filter(None, _HOURS), key=len, reverse=True))
_MINUTE_WORDS = "|".join(sorted(filter(None, _MINUTES), key=len, reverse=True))
_HALF = (
    r"(?P<half>\s*(?:a\.?m\b\.?|p\.?m\b\.?)"
    r"|(?:\s+o'clock)?,?\s+(?:in the (?:very )?(?:early )?(?:morning|afternoon|evening)|at night))?"
)
_FIGURES = re.compile(
    rf"(?i)(?<![\w:.])(?P<hour>[01]?\d|2[0-4])(?:[:.h](?P<minute>[0-5]\d)(?::\d\d)?(?![\d:%])|(?=\s*[ap]\.?m\b)"
    rf"|(?=\s+o'clock)){_HALF}"
)
_SPOKEN = re.compile(
    rf"(?i)\b(?:(?:(?P<turn>half)|(?P<minute>{_MINUTE_WORDS}|[0-5]?\d)(?:\s+minutes?)?)\s+"
    rf"(?P<way>past|after|to|before|of|till)\s+)?(?P<hour>{_HOUR_WORDS}|1?\d|2[0-4])(?![\d.,]*\d)"
    rf"(?P<then>[ -](?:{_MINUTE_WORDS}))?(?P<clock>\s+o'clock)?{_HALF}(?!\w)"
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.?"
_SHORT_MONTHS = [month[:3] for month in _MONTHS]
_DAYS = {spelled_ordinal(day): day for day in range(1, 32)}
_DAY = rf"(?P<day>\d{{1,2}}|{'|'.join(sorted(_DAYS, key=len, reverse=True))})"
_DATES = (
    re.compile(
        rf"(?i)\b{_DAY}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?:,?\s+(?:in\s+)?(?P<year>\d{{3,4}}))?\b"
    ),
    re.compile(
        rf"(?i)\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{3,4}}))?\b"
    ),
    re.compile(
        r"(?<![\d/.])(?P<day>\d{1,2})([/.])(?P<month>0?[1-9]|1[0-2])\2(?P<year>\d{4})(?![\d/])"
    ),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
)


class Time(NamedTuple):
    """A time of day; ``sure`` where it says which half of the day is meant."""

    minutes: int
    sure: bool
    start: int
    end: int


class Date(NamedTuple):
    """A day; the year is null where it isn't said."""

    day: int
    month: int
    year: int | None
    start: int
    end: int


def times(text: str) -> list[Time]:
    """Every time of day in a ``plain`` text, in its order."""
    found = [_figures(match) for match in _FIGURES.finditer(text)]
    for match in _SPOKEN.finditer(text):
        digits = match["hour"].isdigit() and (match["minute"] or "").isdigit()
        if digits and match["way"].lower() not in {"past", "after"}:
            continue
        named = match["hour"].lower() in {"noon", "midnight"}
        if match["way"] or match["clock"] or match["half"] or named:
            time = _spoken(match)
            if not any(one.start < time.end and time.start < one.end for one in found):
                found.append(time)
    return sorted(found, key=lambda one: one.start)


def same_time(reference: Time, said: Time) -> bool:
    """Equal; where one doesn't say which half of the day it means, either will do."""
    if reference.sure and said.sure:
        return reference.minutes == said.minutes
    return reference.minutes % 720 == said.minutes % 720


def _figures(match: re.Match[str]) -> Time:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    sure = hour >= 12 or hour == 0 or match["hour"].startswith("0")
    return _time(hour, minute, match, sure)


def _spoken(match: re.Match[str]) -> Time:
    hour_word = match["hour"].lower()
    hour = int(hour_word) if hour_word.isdigit() else _HOURS[hour_word]
    minute = 30 if match["turn"] else 0
    if match["minute"]:
        word = match["minute"].lower()
        minute = int(word) if word.isdigit() else _MINUTES[word]
    if match["way"] and match["way"].lower() in {"to", "before", "of", "till"}:
        hour, minute = hour - 1, 60 - minute
    elif match["then"]:
        minute = _MINUTES[match["then"][1:].lower()]
    sure = hour_word in {"noon", "midnight"} or hour > 12
    return _time(hour, minute, match, sure)


def _time(hour: int, minute: int, match: re.Match[str], sure: bool) -> Time:
    half = re.sub(r"[\s.]", "", (match["half"] or "").lower())
    if (
        half.startswith("pm")
        or half.endswith(("afternoon", "evening"))
        or (half.endswith("night") and 5 < hour < 12)
    ):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return Time((60 * hour + minute) % 1440, sure or bool(half), match.start(), match.end())


def dates(text: str) -> list[Date]:
    """Every date in a ``plain`` text, in its order; a month and a day at least."""
    small, found = text.lower(), []
    named = any(month in small for month in _SHORT_MONTHS)
    for pattern in _DATES if named else _DATES[2:]:
        for match in pattern.finditer(text):
            month = match["month"][:3].lower()
            number = int(month) if month.isdigit() else _number(month)
            day = int(match["day"]) if match["day"].isdigit() else _DAYS[match["day"].lower()]
            year = int(match["year"]) if match["year"] else None
            found.append(Date(day, number, year, match.start(), match.end()))
    return sorted(found, key=lambda one: one.start)


def same_date(reference: Date, said: Date, asked: frozenset[int]) -> bool:
    """Equal; where the reference names no year, any will do.

    A year that the question names (``asked``) may be left out.
    """
    same_day = (reference.day, reference.month) == (said.day, said.month)
    left_out = said.year is None and reference.year in asked
    return same_day and (left_out or reference.year in {None, said.year})


def _number(month: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, start=1) if name.startswith(month))
