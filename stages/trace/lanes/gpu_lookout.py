"""When to look at an energy counter, so that it is known to a few ms when it stepped.

An NVIDIA counter steps every 20–100 ms. Seen only from ticks 50 ms apart, half a second's joules
would be uncertain by a tenth; looking every few ms would cost as much as all other lanes. So the
period is learnt once, and looks are made around the time at which the next step is due.
"""

from __future__ import annotations

import statistics

from stages.trace.clock import SECOND

_FINEST_S = 0.002
_MOST_HZ = 100
_LEARN_S, _LEARN_EVERY_S, _LEARN_STEPS = 1.5, 0.004, 8
_AGAIN_S = 30.0
_SHORTEST_S = 0.01
_MOST_PERIODS = 10


class Lookout:
    """Told of every reading by ``saw``, it says in ``next_ns`` when to make the next one."""

    def __init__(self, now_ns: int) -> None:
        self._seen_ns = now_ns
        self._learn(now_ns)

    def saw(self, t_ns: int, stepped: bool) -> None:
        """A reading was made at ``t_ns``, and the counter had ``stepped`` since the one before."""
        if stepped:
            if self._period_s is None:
                self._learn_from((self._seen_ns + t_ns) // 2)
            else:
                self._follow(self._seen_ns, t_ns, self._period_s)
        self._seen_ns = t_ns
        self.next_ns = t_ns + round(self._wait_s(t_ns) * SECOND)

    def _learn(self, now_ns: int) -> None:
        self._period_s: float | None = None
        self._steps_ns: list[int] = []
        self._learn_ns = self.next_ns = now_ns

    def _learn_from(self, step_ns: int) -> None:
        self._steps_ns.append(step_ns)
        if len(self._steps_ns) > _LEARN_STEPS:
            ends = zip(self._steps_ns, self._steps_ns[1:], strict=False)
            apart = [(end - start) / SECOND for start, end in ends]
            self._period_s = statistics.median(apart)
            self._off_s = statistics.fmean(abs(one - self._period_s) for one in apart)
            self._step_ns = step_ns

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
