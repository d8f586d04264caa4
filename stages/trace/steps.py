"""Where between two readings a cumulative counter stepped.

A reading shows what the counter stood at when it last stepped. A step was therefore after the last
reading of the old value and not after the first of the new one. Where a counter steps at an even
period, the steps around narrow that down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

SECOND = 1_000_000_000

# A period can be seen where this share of the readings, at most, shows a step.
_SEEN_SHARE = 0.85
# Nor can one that is shorter than this share of the time from reading to reading.
_AS_OFTEN = 0.75
# How uneven a period may be, tried in turn, and how many steps away others are asked.
_UNEVEN = (0.004, 0.015, 0.05)
_REACH = 24
_OUTLIERS = 0.002


@dataclass(frozen=True)
class Steps:
    """The steps of a counter in their order; seconds are since ``start_ns``.

    A piece is a time over which the counter was read without a break: from ``from_s`` to ``to_s``,
    its steps being those from number ``first[i]`` up to ``first[i + 1]``. The first step of a piece
    came before its first reading. Every step was between ``early_s`` and ``late_s`` and brought the
    counter to ``joules``. ``update_s`` is None where it steps more often than it was read.
    """

    start_ns: int
    from_s: Floats
    to_s: Floats
    first: Numbers
    early_s: Floats
    late_s: Floats
    joules: Floats
    update_s: float | None


def located(
    t_ns: Numbers, joules: Floats, breaks_ns: Sequence[int] | Numbers, update_s: float | None
) -> Steps:
    """The steps of a counter. Raises ``ValueError`` where there is none."""
    t_ns, joules = cleaned(t_ns, joules)
    fits = _in_line(joules)
    t_ns, joules = t_ns[fits], joules[fits]
    start_ns = int(t_ns[0]) if len(t_ns) else 0
    t = (t_ns - start_ns) / SECOND
    # What was read is divided into pieces; one in which nothing moves measures nothing.
    new = pieces(t_ns, breaks_ns)
    new[1:] |= np.diff(joules) < 0
    moved = np.zeros(len(t), bool)
    moved[1:] = np.diff(joules) > 0
    moved &= ~new
    begins = np.flatnonzero(new)
    moves = np.add.reduceat(moved, begins) if len(begins) else begins
    if not np.any(moves):
        raise ValueError("the counter never moves")
    ends = np.append(begins[1:], len(t)) - 1
    begins, ends = begins[moves > 0], ends[moves > 0]
    update_s = update_s or _period(t, moved, new)
    keep = moved.copy()
    keep[begins] = True
    at = np.flatnonzero(keep)
    late = t[at]
    early = t[np.maximum(at - 1, 0)]
    usual = float(np.median(np.diff(t)))
    heads = np.searchsorted(at, begins)
    early[heads] = late[heads] - (update_s or usual)
    first = np.append(heads, len(at))
    # The last step before a reading is hardly older than a period.
    early = np.maximum(early, late - 1.5 * (update_s or usual))
    if update_s is not None and update_s > _AS_OFTEN * usual:
        early, late = _evened(early, late, heads, update_s)
    return Steps(start_ns, t[begins], t[ends], first, early, late, joules[at], update_s)


def cleaned(t_ns: Numbers, values: Floats) -> tuple[Numbers, Floats]:
    """Readings in order of time, each time once, without those that hold no number from 0 on."""
    t_ns, values = np.asarray(t_ns, np.int64), np.asarray(values, np.float64)
    numbers = np.isfinite(values) & (values >= 0)
    t_ns, values = t_ns[numbers], values[numbers]
    if np.any(np.diff(t_ns) <= 0):
        t_ns, where = np.unique(t_ns, return_index=True)
        values = values[where]
    return t_ns, values


def _in_line(joules: Floats) -> NDArray[np.bool_]:
    """Whether a reading fits between its neighbours, where these fit together."""
    fits = np.ones(len(joules), bool)
    before, here, after = joules[:-2], joules[1:-1], joules[2:]
    fits[1:-1] = (before <= here) & (here <= after) | (after < before)
    return fits


def pieces(t_ns: Numbers, breaks_ns: Sequence[int] | Numbers) -> NDArray[np.bool_]:
    """Whether a reading is the first after a break (the first of all is)."""
    new = np.zeros(len(t_ns) + 1, bool)
    new[np.searchsorted(t_ns, np.asarray(breaks_ns, np.int64))] = True
    new[0] = True
    return new[: len(t_ns)]


def _period(t: Floats, moved: NDArray[np.bool_], new: NDArray[np.bool_]) -> float | None:
    """The counter's period, if the readings are fine enough to show it."""
    steps = np.flatnonzero(moved)
    if len(steps) < 3:
        return None
    piece = np.cumsum(new)
    middle = (t + np.append(t[:1], t[:-1])) / 2
    each = len(steps) > _SEEN_SHARE * (steps[-1] - steps[0] + 1)
    shown = t[steps] if each else middle[steps]
    apart = np.diff(shown)[np.diff(piece[steps]) == 0]
    if not len(apart):
        return None
    usual = float(np.percentile(apart, 50, method="nearest"))
    period = float(np.mean(apart[np.abs(apart - usual) <= usual / 2]))
    if each:  # what is seen from both sides has to tell
        steps = steps[t[steps] - t[steps - 1] < period / 2]
        if len(steps) < 3:
            return None
    middle, piece = middle[steps], piece[steps]
    # Over more and more steps, as each must tell how many periods the next ones span.
    for reach in (1, 8, 64):
        apart = (middle[reach:] - middle[:-reach])[piece[reach:] == piece[:-reach]]
        if len(apart):
            period = float(np.median(apart / np.maximum(np.rint(apart / period), 1)))
    return period


def _evened(early: Floats, late: Floats, heads: Numbers, update_s: float) -> tuple[Floats, Floats]:
    """Bounds narrowed by those of the steps around: whole periods lie between them."""
    for uneven in _UNEVEN:
        narrow = _narrowed(early, late, heads, update_s, uneven)
        wrong = narrow[0] >= narrow[1]
        if np.mean(wrong) <= _OUTLIERS:
            return np.where(wrong, early, narrow[0]), np.where(wrong, late, narrow[1])
    return early, late


def _narrowed(
    early: Floats, late: Floats, heads: Numbers, update_s: float, uneven: float
) -> tuple[Floats, Floats]:
    middle = (early + late) / 2
    number = _numbered(middle, late, late - early < update_s / 2, update_s)
    # Across a break, or after long silence, the count of periods is anyone's guess.
    lost = np.diff(middle) > 3 * update_s
    lost[heads[1:] - 1] = True
    stretch = np.concatenate([[0], np.cumsum(lost)])
    new_early, new_late = early.copy(), late.copy()
    for reach in range(1, _REACH + 1):
        if reach >= len(early):
            break
        count = number[reach:] - number[:-reach]
        least = np.where(stretch[reach:] == stretch[:-reach], count * update_s, np.nan)
        slack = uneven * least
        new_early[reach:] = np.fmax(new_early[reach:], early[:-reach] + least - slack)
        new_late[reach:] = np.fmin(new_late[reach:], late[:-reach] + least + slack)
        new_early[:-reach] = np.fmax(new_early[:-reach], early[reach:] - least - slack)
        new_late[:-reach] = np.fmin(new_late[:-reach], late[reach:] - least + slack)
    return new_early, new_late


def _numbered(middle: Floats, late: Floats, sharp: NDArray[np.bool_], update_s: float) -> Floats:
    """How many periods after the first each step came, counted from the last sharp one before."""
    sharp = sharp.copy()
    sharp[0] = True
    marks = middle[sharp]
    counted = np.concatenate([[0.0], np.cumsum(np.maximum(np.rint(np.diff(marks) / update_s), 1))])
    mark = np.cumsum(sharp) - 1
    # Where several may have come between two readings the last of them is seen.
    since = np.maximum(np.floor((late - marks[mark]) / update_s + 0.25), 1)
    number: Floats = counted[mark] + np.where(sharp, 0, since)
    # A reading just before a step is due shows the one before: no two have the same number.
    place = np.arange(len(number))
    earlier: Floats = np.minimum.accumulate((number - place)[::-1])[::-1] + place
    return earlier
