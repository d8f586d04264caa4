"""When to look at an energy counter, so that it is known to a few ms when it stepped.

An NVIDIA counter steps every 20–100 ms. Seen only from ticks 50 ms apart, half a second's joules
would be uncertain by a tenth; looking every few ms would cost as much as all other lanes. So the
period is learnt once, and looks are made around the time at which the next step is due; where they
are dear, as few as ``gpu_bracket.py`` can do with.
"""

from __future__ import annotations

import itertools
import statistics

from stages.trace.clock import SECOND
from stages.trace.lanes.gpu_bracket import Bracket

_FINEST_S = 0.002
_MOST_HZ = 100
_LEARN_S, _LEARN_EVERY_S, _LEARN_STEPS = 1.5, 0.004, 8
_AGAIN_S = 30.0
_SHORTEST_S = 0.01
_MOST_PERIODS = 10

# Looks are dear where their cost asks for more than this from one to the next, s.
DEAR_S = 1 / _MOST_HZ


class Lookout:
    """Told of every reading by ``saw``, it says in ``next_ns`` when to make the next one."""

    def __init__(self, now_ns: int) -> None:
        self._seen_ns = now_ns
        self._learn(now_ns)

    def saw(self, t_ns: int, stepped: bool, apart_s: float = 0.0, took_s: float = 0.0) -> None:
        """A reading was made at ``t_ns``, and the counter had ``stepped`` since the one before.

        ``apart_s`` is how far apart readings have to be, on average, for what they cost;
        ``took_s`` how long they take.
        """
        if self._bracket:
            self._bracket.saw(t_ns, stepped)
            if self._bracket.lost:
                self._learn(t_ns)
        elif stepped:
            if self._period_s is None:
                self._learn_from(self._seen_ns, t_ns)
            else:
                self._follow(self._seen_ns, t_ns, self._period_s)
        self._seen_ns = t_ns
        self.next_ns = self._next_ns(t_ns, apart_s, took_s)

    def _learn(self, now_ns: int) -> None:
        self._period_s: float | None = None
        self._bracket: Bracket | None = None
        self._bounds_ns: list[tuple[int, int]] = []
        self._learn_ns = self.next_ns = now_ns

    def _learn_from(self, after_ns: int, before_ns: int) -> None:
        self._bounds_ns.append((after_ns, before_ns))
        if len(self._bounds_ns) > _LEARN_STEPS:
            steps_ns = [(early + late) // 2 for early, late in self._bounds_ns]
            ends = itertools.pairwise(steps_ns)
            apart = [(end - start) / SECOND for start, end in ends]
            self._period_s = statistics.median(apart)
            self._off_s = statistics.fmean(abs(one - self._period_s) for one in apart)
            self._step_ns = steps_ns[-1]

    def _follow(self, after_ns: int, before_ns: int, period_s: float) -> None:
        """Correct what is known by a step between two times."""
        middle = (after_ns + before_ns) / 2
        periods = max(1, round((middle - self._step_ns) / SECOND / period_s))
        due = self._step_ns + periods * period_s * SECOND
        nearest = min(max(due, after_ns), before_ns)
        self._off_s += (abs(due - nearest) / SECOND - self._off_s) / 8
        step = nearest + (middle - nearest) / 4
        self._period_s = period_s + (step - due) / SECOND / periods / 16
        self._step_ns = round(step)

    def _next_ns(self, now_ns: int, apart_s: float, took_s: float) -> int:
        if self._period_s is None or apart_s <= DEAR_S:
            return now_ns + round(self._wait_s(now_ns) * SECOND)
        if self._bracket is None:
            seen_s = statistics.median(late - early for early, late in self._bounds_ns) / SECOND
            if seen_s > self._period_s / 2:  # it steps too often to be followed
                return now_ns + round(apart_s * SECOND)
            self._bracket = Bracket(self._bounds_ns)
        return round(self._bracket.next_ns(apart_s, took_s))

    def _wait_s(self, now_ns: int) -> float:
        if self._period_s is None:
            if now_ns > self._learn_ns + _LEARN_S * SECOND:
                # It stands still, or steps so seldom that the ticks will do.
                self._learn(now_ns + round(_AGAIN_S * SECOND))
            return max(_LEARN_EVERY_S, (self._learn_ns - now_ns) / SECOND)
        if self._period_s < _SHORTEST_S:
            return _AGAIN_S
        half = 3 * self._off_s + _FINEST_S
        due = self._period_s - (now_ns - self._step_ns) / SECOND
        if due > half:
            return max(due - half, _FINEST_S)
        if due > -half:
            return max(_FINEST_S, 2 * half / self._period_s / _MOST_HZ)
        if due > -_MOST_PERIODS * self._period_s:
            return 1 / _MOST_HZ
        self._learn(now_ns)
        return _LEARN_EVERY_S
