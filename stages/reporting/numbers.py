"""Figures as a reader wants them: three significant digits, unit, interval and n."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

UNKNOWN = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def figure(value: float | None, unit: str = "") -> str:
    """A number with its unit; – where it isn't known."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{plain(value)}\u00a0{unit}" if unit else plain(value)


def plain(value: float) -> str:
    """At most three significant digits, whole numbers whole, thousands parted."""
    if abs(value) >= 100 or math.isclose(value, round(value), rel_tol=1e-9):
        return f"{value:,.0f}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{value:,.{min(digits, 6)}f}".rstrip("0").rstrip(".")


def measured(row: Mapping[str, Any] | None, value: str = "median", unit: str | None = None) -> str:
    """A value with its interval and n: ``4 s (3–6), n 12``; where n is small, ``(min–max 3–6)``.

    ``row`` has ``value``, ``low``, ``high``, ``interval``, ``n`` and, unless given, ``unit``.
    """
    if row is None or row[value] is None:
        return UNKNOWN
    text = figure(row[value], row["unit"] if unit is None else unit)
    n = f"n\u00a0{row['n']:,}"
    if row["low"] is None or row["n"] == 1:
        return f"{text}, {n}"
    if row["low"] == row["high"]:
        return f"{text} (all alike), {n}"
    kind = "" if row["interval"] == "95 %" else f"{row['interval']} "
    return f"{text} ({kind}{plain(row['low'])}–{plain(row['high'])}), {n}"


def rate(row: Mapping[str, Any] | None) -> str:
    """A share as ``75 % (30–95), 3 of 4``: Wilson's 95 % interval and the counts."""
    if row is None or row["rate"] is None:
        return UNKNOWN
    low, high = round(100 * row["low"]), round(100 * row["high"])
    return f"{100 * row['rate']:.0f}\u00a0% ({low}–{high}), {row['k']}\u00a0of\u00a0{row['n']}"


def accuracy(row: Mapping[str, Any] | None) -> str:
    """How often a verdict is right on labelled text, for beside it."""
    if row is None or row.get("accuracy") is None:
        return "not validated"
    text = f"{100 * row['accuracy']:.0f}\u00a0%"
    if row["accuracy_low"] is not None and row["accuracy_high"] is not None:
        text += f" ({100 * row['accuracy_low']:.0f}–{100 * row['accuracy_high']:.0f})"
    return f"{text}, n\u00a0{row['accuracy_n']}" if row["accuracy_n"] else text


def count(n: int, one: str, many: str | None = None) -> str:
    """``1 model``, ``2 models``."""
    return f"{n:,}\u00a0{one if n == 1 else many or one + 's'}"


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 3.2 s, 4 min, 2 h 5 min."""
    if seconds is None:
        return UNKNOWN
    if seconds < 120:
        return figure(seconds, "s")
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes}\u00a0min"
    return f"{minutes // 60}\u00a0h {minutes % 60}\u00a0min"


def moment(at: datetime) -> str:
    """A time in UTC: ``3 Nov 2026, 10:12 UTC``."""
    return f"{_day(at)}, {at:%H:%M} UTC"


def period(first: datetime, last: datetime) -> str:
    """From one time to another in UTC, to the minute: ``3 Nov 2026, 10:12 to 11:30 UTC``."""
    if first.date() != last.date():
        return f"{_day(first)}, {first:%H:%M} to {moment(last)}"
    if (first.hour, first.minute) == (last.hour, last.minute):
        return moment(first)
    return f"{_day(first)}, {first:%H:%M} to {last:%H:%M} UTC"


def _day(at: datetime) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def data_size(size: int | None) -> str:
    """Bytes in kB, MB or GB, whichever reads well."""
    if size is None:
        return UNKNOWN
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return figure(size / factor, unit)
    return figure(size, "bytes")
