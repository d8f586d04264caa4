"""When to look at an energy counter whose reading takes the processor long: an H200's takes 3 ms.

There is one look a period, or one in several, some time after a step: while a GPU counts, for some
15 ms from the step on, a reading waits. When the time of the step isn't known well any more, and
now and then, a look comes first at the earliest that it may be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from stages.trace.clock import SECOND

_NARROW_NS = 4_000_000.0
# A step isn't known better than to so many times what a look takes.
_LOOKS_WIDE = 3
# What is made of a step that came when it couldn't have: the counter's period isn't so sure.
_LESS_SURE = 0.002
_WIDER, _NARROWER = 1.5, 0.98
# So much of a period after a step is looked for it, each so manieth time before, too; unseen for so
# many looks it is lost.
_AFTER, _BEFORE_TOO, _MOST_UNSEEN = 0.2, 10, 8
# The period is told from steps so many periods apart.
_REACH = 64


class Bracket:
    """The times between which the counter's last step came, by the looks made so far.

    ``bounds_ns`` are such times of some steps one after another.
    """

    def __init__(self, bounds_ns: Sequence[tuple[int, int]]) -> None:
        (first_early, first_late), *_, (early, late) = bounds_ns
        periods = len(bounds_ns) - 1
        self._shortest_ns = (early - first_late) / periods
        self._longest_ns = (late - first_early) / periods
        self._early_ns, self._late_ns = float(early), float(late)
        self._seen_ns = float(late)
        self._enough_ns = _NARROW_NS
        self._since = self._unseen = 0
        self._anchor()

    @property
    def lost(self) -> bool:
        """Whether it can't be told any more which step is seen."""
        unsure_ns = self._late_ns - self._early_ns + self._longest_ns - self._shortest_ns
        return self._unseen > _MOST_UNSEEN or unsure_ns > self._shortest_ns / 2

    def saw(self, t_ns: int, stepped: bool) -> None:
        """A look was made, and the counter had ``stepped`` since the one before."""
        before, self._seen_ns = self._seen_ns, float(t_ns)
        self._unseen = 0 if stepped else self._unseen + 1
        known = before >= self._late_ns
        self._enough_ns = max(self._enough_ns * _NARROWER, _NARROW_NS)
        since_ns = t_ns - (self._early_ns + self._late_ns) / 2
        periods = max(0, math.floor(2 * since_ns / (self._shortest_ns + self._longest_ns) + 0.25))
        if known and periods == 0:
            if stepped:  # sooner than it could
                self._early_ns, self._late_ns = max(before, t_ns - self._enough_ns), float(t_ns)
                self._surprised()
            return
        self._early_ns, self._late_ns = self._after(periods)
        self._passed += periods
        self._since += periods
        if known and periods == 1:
            if stepped:
                self._late_ns = min(self._late_ns, t_ns)
            else:
                self._early_ns = float(t_ns)
        elif periods == 0 and before > self._early_ns:
            if stepped:
                self._early_ns, self._late_ns = before, min(self._late_ns, t_ns)
            else:
                self._late_ns = min(self._late_ns, before)
        if self._early_ns >= self._late_ns:  # later than it could
            self._late_ns = self._early_ns + self._enough_ns
            self._surprised()
        elif self._passed:
            self._time()

    def next_ns(self, apart_s: float, took_s: float) -> float:
        """When to look next, if looks take so long and should be so far apart on average."""
        if self._seen_ns < self._late_ns:
            return self._late_ns + _AFTER * self._shortest_ns
        wished = round(apart_s * SECOND / self._longest_ns)
        # Not so many that it couldn't be told which step is seen.
        unsure_ns = self._longest_ns - self._shortest_ns
        room_ns = self._shortest_ns / 2 - (self._late_ns - self._early_ns)
        periods = max(1, min(wished, math.floor(room_ns / max(unsure_ns, 1))))
        early_ns, late_ns = self._after(periods)
        look_ns = took_s * SECOND
        known = late_ns - early_ns <= max(self._enough_ns, _LOOKS_WIDE * look_ns)
        if known and self._since < _BEFORE_TOO:
            return late_ns + _AFTER * self._shortest_ns
        self._since = 0
        return early_ns + min(late_ns - early_ns, look_ns) / 2

    def _after(self, periods: int) -> tuple[float, float]:
        early_ns = self._early_ns + periods * self._shortest_ns
        return early_ns, self._late_ns + periods * self._longest_ns

    def _anchor(self) -> None:
        self._from_ns = self._early_ns, self._late_ns
        self._passed = 0

    def _time(self) -> None:
        """Narrow down the period by the steps at both ends of some."""
        least = (self._early_ns - self._from_ns[1]) / self._passed
        most = (self._late_ns - self._from_ns[0]) / self._passed
        self._shortest_ns = max(self._shortest_ns, least)
        self._longest_ns = min(self._longest_ns, most)
        if self._shortest_ns > self._longest_ns:
            self._surprised()
        elif self._passed >= _REACH:
            self._anchor()

    def _surprised(self) -> None:
        middle = (self._shortest_ns + self._longest_ns) / 2
        half = abs(self._longest_ns - self._shortest_ns) / 2 + _LESS_SURE * middle
        self._shortest_ns, self._longest_ns = middle - half, middle + half
        self._enough_ns = min(self._enough_ns * _WIDER, middle / 8)
        self._anchor()
