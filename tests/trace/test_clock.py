from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.trace import clock
from stages.trace.clock import SECOND, Anchor, Pacer, Suspends


def test_ticks_on_time() -> None:
    pacer = Pacer(50, 1000)
    for k in range(5):
        assert pacer.deadline_ns == 1000 + k * SECOND // 50
        pacer.arrive(pacer.deadline_ns + 9_000_000)  # 9 of 20 ms: not late
    assert (pacer.ticks, pacer.late, pacer.missed) == (5, 0, 0)


def test_a_late_tick_moves_no_deadline() -> None:
    pacer = Pacer(50, 0)
    pacer.arrive(11_000_000)
    assert pacer.deadline_ns == 20_000_000
    assert (pacer.ticks, pacer.late, pacer.missed) == (1, 1, 0)


def test_deadlines_that_passed_are_missed() -> None:
    pacer = Pacer(50, 0)
    pacer.arrive(0)
    pacer.arrive(85_000_000)  # due at 20; those of 40, 60 and 80 went by
    assert (pacer.ticks, pacer.late, pacer.missed) == (2, 1, 3)
    assert pacer.deadline_ns == 100_000_000


@given(
    hz=st.sampled_from([1 / 60, 0.5, 1, 3, 7, 20, 50, 333, 1000]),
    lateness=st.lists(st.integers(0, 3 * SECOND), max_size=40),
)
def test_every_deadline_is_made_or_missed(hz: float, lateness: list[int]) -> None:
    pacer = Pacer(hz, 5)
    for late in lateness:
        now = pacer.deadline_ns + late
        pacer.arrive(now)
        assert now < pacer.deadline_ns <= now + SECOND / hz + 1
    assert pacer.deadline_ns == 5 + round((pacer.ticks + pacer.missed) * SECOND / hz)


class Clocks:
    """Boot and monotonic time; reading one takes as long as told."""

    def __init__(self) -> None:
        self.now = 10 * SECOND
        self.slept = 3 * SECOND
        self.pause = 0

    def monotonic(self) -> int:
        return self.now

    def boot(self) -> int:
        read = self.now + self.slept
        self.now += self.pause
        return read


def test_a_suspend_is_seen_once() -> None:
    clocks = Clocks()
    suspends = Suspends(clocks.boot, clocks.monotonic)
    assert suspends.slept_ns() == 0
    clocks.now += 60 * SECOND
    clocks.slept += 7 * SECOND
    assert suspends.slept_ns() == 7 * SECOND
    assert suspends.slept_ns() == 0


def test_a_pause_between_the_clocks_is_no_suspend() -> None:
    clocks = Clocks()
    clocks.pause = SECOND  # even throughout the start
    suspends = Suspends(clocks.boot, clocks.monotonic)
    assert suspends.slept_ns() == 0
    clocks.pause = 5 * SECOND
    assert suspends.slept_ns() == 0


def test_anchor_reads_the_three_clocks_together() -> None:
    before = time.monotonic_ns(), time.time_ns()
    anchor = Anchor.read()
    after = time.monotonic_ns(), time.time_ns()
    assert before[0] <= anchor.monotonic_ns <= after[0]
    assert before[1] <= anchor.wall_ns <= after[1]
    assert anchor.boot_ns >= before[0]


def test_a_wall_clock_that_is_set_moves_the_wall_clock_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suspends = Suspends()
    before = Anchor.read()
    wall = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: wall() + 5 * SECOND)
    after = Anchor.read()
    passed = after.monotonic_ns - before.monotonic_ns
    assert 0 <= passed < SECOND
    assert after.boot_ns - before.boot_ns == pytest.approx(passed, abs=SECOND / 10)
    assert after.wall_ns - before.wall_ns == pytest.approx(passed + 5 * SECOND, abs=SECOND / 10)
    assert suspends.slept_ns() == 0


def test_an_anchor_is_the_tightest_of_its_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    # before and after of three tries: 30, 4 and 9 ns apart
    monotonic = iter([100, 130, 200, 204, 300, 309])
    wall = iter([1, 2, 3])
    monkeypatch.setattr(clock, "boot_ns", lambda: 50)
    monkeypatch.setattr(
        clock,
        "time",
        SimpleNamespace(monotonic_ns=lambda: next(monotonic), time_ns=lambda: next(wall)),
    )
    assert Anchor.read() == Anchor(monotonic_ns=202, boot_ns=50, wall_ns=2)
