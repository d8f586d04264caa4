from __future__ import annotations

import pytest

from stages.trace.lanes.gpu_lookout import Lookout

MS = 1_000_000


def looks(
    period_ms: float, seconds: float, tick_ms: float = 50, apart_s: float = 0
) -> tuple[list[int], list[int]]:
    """Times of the looks of the last second, and of those in it that found a step, ms.

    There are looks at ticks, too, unless they are dear.
    """
    lookout = Lookout(0)
    now, tick, seen = 0, 0, 0
    made: list[int] = []
    found: list[int] = []
    while now < seconds * 1000 * MS:
        count = int(now / MS / period_ms) if period_ms else 0
        lookout.saw(now, count != seen, apart_s, apart_s / 25)
        made.append(now // MS)
        if count != seen:
            found.append(now // MS)
        seen = count
        while tick <= now:
            tick += round(tick_ms * MS)
        assert lookout.next_ns > now
        now = lookout.next_ns if apart_s else min(lookout.next_ns, tick)
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


@pytest.mark.parametrize(("period_ms", "apart_s", "each"), [(100, 0.08, 1), (100, 0.22, 2)])
def test_dear_looks_are_made_a_while_after_a_step_and_seldom_around_it(
    period_ms: float, apart_s: float, each: int
) -> None:
    made, found = looks(period_ms, 21, apart_s=apart_s)
    steps = 1000 / period_ms / each
    assert steps - 1 <= len(found) <= len(made) <= 1.3 * steps + 1
    late = [(ms + period_ms / 2) % period_ms - period_ms / 2 for ms in made]
    assert all(-10 <= ms <= 35 for ms in late)
    assert sum(ms >= 18 for ms in late) >= steps - 2


def test_a_counter_that_stops_is_not_looked_at_for_ever() -> None:
    lookout = Lookout(0)
    now, seen, made = 0, 0, 0
    while now < 60_000 * MS:
        count = int(min(now, 10_000 * MS) / MS / 100)
        lookout.saw(now, count != seen, 0.08, 0.003)
        seen, now = count, lookout.next_ns
        made += now > 30_000 * MS
    assert made <= 500


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
