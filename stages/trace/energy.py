"""Joules in any span of time, from readings of an energy counter or of power, with an interval.

A counter steps: NVIDIA's every 20–100 ms, Intel's every millisecond. What a reading shows is what
had been used when the counter last stepped. So each step is placed within its bounds
(``steps.py``), the energy between two steps is laid out as a curve that never falls
(``course.py``), and the interval says what the bounds, and the power's unknown course from one
step to the next, leave open. It is made to hold the truth in at least 95 of 100 windows, except
where power swings several times a period in time with the steps: no counter shows that. The
sensor's own calibration isn't in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stages.trace.course import Course
from stages.trace.course_counted import through
from stages.trace.course_sampled import under
from stages.trace.steps import SECOND, Floats, Numbers, cleaned, located, pieces

# A negative step of this many of the largest others, over more than half the range, is no wrap.
_NO_WRAP = 1000


@dataclass(frozen=True)
class Energy:
    """Joules of some windows, and the interval of each; NaN where the readings don't cover it."""

    joules: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Curve:
    """Cumulative energy over time.

    ``method`` is ``counter`` or ``power samples``; ``update_s`` the counter's period, None where
    it steps more often than it was read; ``span_ns`` the first and last monotonic time covered.
    """

    method: str
    update_s: float | None
    span_ns: tuple[int, int]
    start_ns: int
    course: Course

    def between(self, start_ns: Numbers, end_ns: Numbers) -> Energy:
        """Energy from each start to its end (monotonic ns, arrays of one length).

        NaN where a window has a break in it, or where the curve doesn't cover it.
        """
        start = (np.asarray(start_ns, np.int64) - self.start_ns) / SECOND
        end = (np.asarray(end_ns, np.int64) - self.start_ns) / SECOND
        first, last = self.course.at(start), self.course.at(end)
        known = (first.piece >= 0) & (first.piece == last.piece) & (end >= start)
        joules = np.maximum(last.joules - first.joules, 0)
        between = np.maximum(last.variance - first.variance, 0)
        low = np.maximum(joules - np.sqrt(last.below**2 + first.above**2 + between), 0)
        high = joules + np.sqrt(last.above**2 + first.below**2 + between)
        low, high = (np.where(end == start, 0, bound) for bound in (low, high))
        return Energy(*(np.where(known, values, np.nan) for values in (joules, low, high)))


def from_counter(
    t_ns: Numbers,
    joules: Floats,
    *,
    breaks_ns: Sequence[int] | Numbers = (),
    update_s: float | None = None,
) -> Curve:
    """The curve of a cumulative counter's readings.

    ``breaks_ns`` are times (a suspend, lost readings) across which nothing is known; a counter
    that goes back makes one. ``update_s`` is the counter's period where that is known better than
    the readings can tell. Raises ``ValueError`` where the counter never moves: whether nothing was
    used, or it is dead, can't be told.
    """
    steps = located(t_ns, joules, breaks_ns, update_s)
    course = through(steps)
    return Curve("counter", steps.update_s, _span(steps.start_ns, course), steps.start_ns, course)


def from_power(
    t_ns: Numbers,
    watts: Floats,
    *,
    breaks_ns: Sequence[int] | Numbers = (),
    averaged_s: float = 0.0,
) -> Curve:
    """The curve of power samples, by the trapezoid rule.

    ``averaged_s`` is the time before each sample over which the driver averages (1 s for NVIDIA's
    usual figure on Ampere and later). Raises ``ValueError`` where there are fewer than two.
    """
    t_ns, watts = cleaned(t_ns, watts)
    new = pieces(t_ns, breaks_ns)
    # A sample alone between two breaks covers no time.
    alone = new & np.append(new[1:], True)
    t_ns, watts, new = t_ns[~alone], watts[~alone], new[~alone]
    if not len(t_ns):
        raise ValueError("fewer than two samples of power")
    start_ns = int(t_ns[0])
    t = (t_ns - start_ns) / SECOND
    first = np.append(np.flatnonzero(new), len(t))
    course = under(t, watts, first, averaged_s)
    return Curve("power samples", None, _span(start_ns, course), start_ns, course)


def unwrapped(microjoules: Floats | Numbers, range_uj: float | None) -> Floats:
    """A counter that starts again after ``range_uj``, as joules that never do.

    Where the range isn't known, or where more than half of it would have passed at a thousand
    times the largest other step, the counter was set back: the reading there is NaN.
    """
    counter = np.asarray(microjoules, np.float64).copy()
    known = np.flatnonzero(np.isfinite(counter))
    values = counter[known]
    step = np.diff(values)
    back = step < 0
    wrap = back.copy()
    if range_uj is None or not range_uj > 0:
        wrap[:] = False
    else:
        usual = step[~back].max(initial=0)
        passed = step + range_uj
        wrap &= passed >= 0
        wrap &= ~((passed > range_uj / 2) & (passed > _NO_WRAP * usual) & (usual > 0))
        values[1:] += np.cumsum(wrap) * range_uj
    counter[known] = values / 1e6
    counter[known[1:][back & ~wrap]] = np.nan
    return counter


def _span(start_ns: int, course: Course) -> tuple[int, int]:
    return (
        start_ns + round(float(course.from_s[0]) * SECOND),
        start_ns + round(float(course.to_s[-1]) * SECOND),
    )
