"""Chores between the ticks of a clock that goes on only when somebody works."""

from __future__ import annotations

import pytest

from stages.trace.chores import Chores
from stages.trace.clock import SECOND

MS = SECOND // 1000


class Day:
    """Has one second long periods and ticks of 100 ms; ``done`` says what was done when, in ms."""

    def __init__(self) -> None:
        self.now = 0
        self.done: list[tuple[str, int]] = []
        self.chores = Chores(lambda: self.now)

    def add(self, name: str, takes_ms: int, period_s: float = 1.0) -> None:
        def work() -> None:
            self.done.append((name, self.now // MS))
            self.now += takes_ms * MS

        self.chores.add(period_s, work)

    def at(self, ms: int, *, left_ms: int = 100) -> list[tuple[str, int]]:
        """What is done at ``ms`` where the next tick comes ``left_ms`` later."""
        self.done.clear()
        self.now = ms * MS
        self.chores.do(self.now + left_ms * MS)
        return list(self.done)

    def pass_by(self, end_ms: int, tick_ms: int = 100) -> list[tuple[str, int]]:
        """What is done from 0 on, called at every tick as the sampler does."""
        done: list[tuple[str, int]] = []
        for tick in range(0, end_ms, tick_ms):
            if self.now <= tick * MS:
                done += self.at(tick, left_ms=tick_ms)
        return done


@pytest.fixture
def day() -> Day:
    return Day()


def test_nothing_is_done_before_it_is_due(day: Day) -> None:
    day.add("a", takes_ms=5)
    assert day.at(0) == [("a", 0)]
    assert day.at(500) == day.at(999) == []
    assert day.at(1000) == [("a", 1000)]


def test_no_chores_no_work(day: Day) -> None:
    assert day.at(0) == []


def test_what_does_not_fit_before_the_next_tick_waits(day: Day) -> None:
    day.add("a", takes_ms=30)
    day.at(0)
    assert day.at(1000, left_ms=29) == []
    assert day.at(1100, left_ms=30) == [("a", 1100)]


def test_what_can_wait_no_longer_is_done_although_a_tick_will_be_late(day: Day) -> None:
    day.add("a", takes_ms=200)
    day.at(0)
    assert day.at(1499) == []
    assert day.at(1500) == [("a", 1500)]


def test_one_slow_reading_is_forgotten_by_and_by(day: Day) -> None:
    takes = [80, 0]
    times = iter(takes)

    def work() -> None:
        day.now += next(times, 0) * MS

    day.chores.add(1, work)
    for period in range(30):
        day.at(period * 1000)
    day.now = 30_000 * MS
    day.chores.do(day.now + 5 * MS)  # 80 ms × (7/8)^29 = 1.7 ms: it fits again
    assert next(iter(day.chores._chores)).due_ns == 31_000 * MS


def test_each_is_done_once_a_period_in_gaps_of_its_own(day: Day) -> None:
    for name in "abc":
        day.add(name, takes_ms=1)
    done = day.pass_by(5000, tick_ms=20)
    for first, name in enumerate("abc"):
        assert [at for who, at in done if who == name] == [first * 20 + 1000 * s for s in range(5)]


def test_a_slow_chore_does_not_starve_the_others(day: Day) -> None:
    day.add("slow", takes_ms=700)
    day.add("quick", takes_ms=1)
    done = [name for name, _ in day.pass_by(20_000)]
    assert done.count("slow") >= 12
    assert done.count("quick") >= 12


def test_a_chore_slower_than_its_period_leaves_time_for_the_ticks(day: Day) -> None:
    day.add("slow", takes_ms=3000)
    assert day.at(0) == [("slow", 0)]
    assert day.at(3000, left_ms=20) == []
    assert day.at(3500, left_ms=20) == [("slow", 3500)]


def test_periods_that_were_slept_through_are_not_made_up_for(day: Day) -> None:
    day.add("a", takes_ms=1)
    day.at(0)
    assert day.at(60_000) == [("a", 60_000)]
    assert day.at(60_500) == []


def test_an_error_is_the_callers_and_the_chore_stays_due(day: Day) -> None:
    def fail() -> None:
        raise OSError

    day.chores.add(1, fail)
    with pytest.raises(OSError):
        day.at(0)
    with pytest.raises(OSError):
        day.at(100)
