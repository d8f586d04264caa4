from __future__ import annotations

import pytest

from stages.trace.lanes.gpu_lookout import Lookout

MS = 1_000_000


def looks(period_ms: float, seconds: float, tick_ms: float = 50) -> tuple[list[int], list[int]]:
    """Times of the looks of the last second, and of those in it that found a step, ms."""
    lookout = Lookout(0)
    now, tick, seen = 0, 0, 0
    made: list[int] = []
    found: list[int] = []
    while now < seconds * 1000 * MS:
        count = int(now / MS / period_ms) if period_ms else 0
        lookout.saw(now, count != seen)
        made.append(now // MS)
        if count != seen:
            found.append(now // MS)
        seen = count
        while tick <= now:
            tick += round(tick_ms * MS)
        assert lookout.next_ns > now
        now = min(lookout.next_ns, tick)
    last = (seconds - 1) * 1000
    return [ms for ms in made if ms >= last], [ms for ms in found if ms >= last]


@pytest.mark.parametrize("period_ms", [100, 50, 21])
def test_steps_are_seen_within_a_few_ms_for_few_looks(period_ms: float) -> None:
    made, found = looks(period_ms, 6)
    assert len(found) >= int(1000 / period_ms) - 1
    late = [ms % period_ms for ms in found]
    assert max(late) <= 5
    assert len(made) <= 20 + 5 * len(found)


@pytest.mark.parametrize("period_ms", [0, 1, 2000])
def test_a_counter_that_stands_still_or_runs_is_left_to_the_ticks(period_ms: float) -> None:
    made, _ = looks(period_ms, 6)
    assert len(made) <= 21


def test_a_counter_that_starts_later_is_learnt_later() -> None:
    lookout = Lookout(0)
    now = 0
    for _ in range(2000):  # still for more than a minute
        lookout.saw(now, False)
        now = min(lookout.next_ns, now + 50 * MS)
    assert now < 100_000 * MS
    fine = 0
    for number in range(4000):
        lookout.saw(now, number % 20 == 0)
        fine += lookout.next_ns - now < 40 * MS
        now = min(lookout.next_ns, now + 50 * MS)
    assert fine > 100
