"""Ticks at absolute deadlines, the clocks read together, and the time the machine slept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

SECOND = 1_000_000_000


class Pacer:
    """Deadlines at ``start_ns + k/hz``: a late tick doesn't move those after it.

    ``ticks`` were made; ``late`` of them came over half a period after their deadline; ``missed``
    deadlines had passed whole before the tick before them was done, and got none.
    """

    def __init__(self, hz: float, start_ns: int) -> None:
        self._hz = hz
        self._start = start_ns
        self._half_ns = SECOND / hz / 2
        self._next = 0
        self.deadline_ns = start_ns  # the next one, monotonic
        self.ticks = self.late = self.missed = 0

    def arrive(self, now_ns: int) -> None:
        """Count the tick that begins at ``now_ns``, at or after the deadline, and go on."""
        self.ticks += 1
        if now_ns - self.deadline_ns > self._half_ns:
            self.late += 1
        self._next += 1
        self.deadline_ns = self._start + round(self._next * SECOND / self._hz)
        if self.deadline_ns <= now_ns:
            newest = int((now_ns - self._start) * self._hz / SECOND)
            if self._deadline(newest + 1) <= now_ns:  # by rounding
                newest += 1
            self.missed += newest + 1 - self._next
            self._next = newest + 1
            self.deadline_ns = self._deadline(self._next)

    def _deadline(self, number: int) -> int:
        return self._start + round(number * SECOND / self._hz)


# Time since boot with suspends; where the system has no such clock, monotonic time.
boot_ns: Callable[[], int] = (
    partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic_ns
)


@dataclass(frozen=True)
class Anchor:
    """Three clocks read together: monotonic, since boot with suspends, and wall (ns since 1970)."""

    monotonic_ns: int
    boot_ns: int
    wall_ns: int

    @classmethod
    def read(cls) -> Anchor:
        """The tightest of a few readings: a pause between the clocks would look like drift."""

        def attempt() -> tuple[int, Anchor]:
            before = time.monotonic_ns()
            boot, wall = boot_ns(), time.time_ns()
            after = time.monotonic_ns()
            return after - before, cls((before + after) // 2, boot, wall)

        return min((attempt() for _ in range(3)), key=lambda pair: pair[0])[1]


class Suspends:
    """Notices that the machine was suspended: boot time goes on where monotonic time stops.

    The difference is read so that a pause between the two readings can only make it smaller;
    the largest seen is therefore the truth so far, and no busy machine looks like a suspend.
    """

    _NOTABLE = SECOND // 10

    def __init__(
        self,
        boot: Callable[[], int] = boot_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._boot = boot
        self._monotonic = monotonic
        self._ahead = max(boot() - monotonic() for _ in range(5))

    def slept_ns(self) -> int:
        """How long the machine slept since the last call; 0 for less than 0.1 s."""
        slept = self._boot() - self._monotonic() - self._ahead
        if slept <= 0:
            return 0
        self._ahead += slept
        return slept if slept >= self._NOTABLE else 0
