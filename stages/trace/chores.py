"""What the sampler does once in a while, fitted in between its ticks."""

from __future__ import annotations

import time
from collections.abc import Callable

from stages.trace.clock import SECOND

_PATIENCE = 0.5  # of a period, after which a tick may be late rather than the chore


class Chore:
    """Something to do every ``period_s``."""

    def __init__(self, period_s: float, action: Callable[[], None], start_ns: int) -> None:
        self.period_ns = round(period_s * SECOND)
        self.due_ns = start_ns
        self.action = action
        self.took_ns = 0

    @property
    def latest_ns(self) -> int:
        """When it can wait no longer."""
        return self.due_ns + int(self.period_ns * _PATIENCE)


class Chores:
    """One at a time, and only where the next tick leaves room for it, by what it took before."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._chores: list[Chore] = []
        self.next_ns = 0  # when the next is due

    def add(self, period_s: float, action: Callable[[], None]) -> None:
        """Do this from now on."""
        # Not all in the same gap between two ticks.
        start = self._clock() + len(self._chores) * SECOND // 50
        self._chores.append(Chore(period_s, action, start))

    def do(self, deadline_ns: int) -> None:
        """Do what is due and fits before ``deadline_ns``, or can wait no longer."""
        for chore in sorted(self._chores, key=lambda chore: chore.due_ns):
            now = self._clock()
            if chore.due_ns > now:
                return
            if now + chore.took_ns <= deadline_ns or now >= chore.latest_ns:
                chore.action()
                end = self._clock()
                # The longest time is forgotten slowly: one slow reading isn't the rule.
                chore.took_ns = max(end - now, chore.took_ns * 7 // 8)
                # Periods that went by are not made up for.
                periods = 1 + (now - chore.due_ns) // chore.period_ns
                chore.due_ns = max(chore.due_ns + periods * chore.period_ns, end)
                self.next_ns = min(chore.due_ns for chore in self._chores)
