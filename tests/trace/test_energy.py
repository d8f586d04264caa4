from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from stages.trace.energy import Curve, Energy, from_counter, from_power, unwrapped
from stages.trace.steps import located

SECOND = 1_000_000_000
START = 5_000 * SECOND


def at(*seconds: float) -> np.ndarray:
    return START + np.round(np.array(seconds) * SECOND).astype(np.int64)


def window(curve: Curve, start: float, end: float) -> tuple[float, float, float]:
    energy = curve.between(at(start), at(end))
    return float(energy.joules[0]), float(energy.low[0]), float(energy.high[0])


def ticks(seconds: float, hz: float = 50) -> np.ndarray:
    """Readings at a rate that isn't in time with anything."""
    return np.arange(0.003, seconds, 1.0007 / hz)


def stepping(t: np.ndarray, joules: np.ndarray, period: float) -> np.ndarray:
    """What a counter shows that stands still between two steps; ``joules`` at 1 kHz."""
    steps = np.floor(t / period) * period
    return np.interp(steps, np.arange(len(joules)) / 1000, joules)


def even(watts: float, t: np.ndarray, period: float = 0.1) -> np.ndarray:
    return watts * np.floor(t / period) * period


def test_even_power_by_a_counter_that_steps_every_100_ms() -> None:
    t = ticks(20)
    curve = from_counter(at(*t), even(200, t))
    assert curve.method == "counter"
    assert curve.update_s == pytest.approx(0.1, rel=0.01)
    joules, low, high = window(curve, 5.03, 5.53)
    assert joules == pytest.approx(100, rel=0.01)
    assert low <= 100 <= high
    assert high - low < 10
    joules, low, high = window(curve, 2, 18)
    assert joules == pytest.approx(3200, rel=0.001)
    assert high - low < 10  # what is uncertain is at the edges


def test_windows_side_by_side_add_up_to_the_whole() -> None:
    t = ticks(20)
    power = np.where(np.arange(20_000) % 1300 < 400, 300.0, 60.0)
    curve = from_counter(at(*t), stepping(t, np.cumsum(power) / 1000, 0.1))
    edges = at(*np.linspace(1, 19, 200))
    parts = curve.between(edges[:-1], edges[1:])
    assert parts.joules.min() >= 0
    assert parts.joules.sum() == pytest.approx(window(curve, 1, 19)[0])


@pytest.mark.parametrize("period", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("hz", [20, 50])
def test_the_interval_holds_the_truth(period: float, hz: float) -> None:
    random = np.random.default_rng([round(period * 1000), round(hz)])
    power = random.uniform(40, 350, 400)[np.arange(60_000) // 150]
    joules = np.concatenate([[0.0], np.cumsum(power) / 1000])
    t = ticks(60, hz) + random.exponential(0.0005, len(ticks(60, hz)))
    steps = np.cumsum(period * random.uniform(0.8, 1.2, round(70 / period)))
    last = np.maximum(np.searchsorted(steps, t, side="right") - 1, 0)
    counter = np.floor(np.interp(steps[last], np.arange(len(joules)) / 1000, joules) * 1000) / 1000
    curve = from_counter(at(*t), counter)
    start = random.uniform(1, 58, 500)
    energy = curve.between(at(*start), at(*(start + 0.5)))
    truth = np.interp(start + 0.5, np.arange(len(joules)) / 1000, joules)
    truth -= np.interp(start, np.arange(len(joules)) / 1000, joules)
    assert np.mean((energy.low <= truth) & (truth <= energy.high)) >= 0.95
    assert np.all((energy.low <= energy.joules) & (energy.joules <= energy.high))


def test_a_counter_that_steps_more_often_than_it_is_read_has_no_period() -> None:
    t = ticks(10)
    curve = from_counter(at(*t), even(50, t, 0.001))
    assert curve.update_s is None
    known = from_counter(at(*t), even(50, t, 0.001), update_s=0.001)
    assert known.update_s == 0.001
    unsure, sure = window(curve, 3, 3.5), window(known, 3, 3.5)
    assert sure[1] <= 25 <= sure[2]
    assert sure[2] - sure[1] < (unsure[2] - unsure[1]) / 2


def test_outside_the_readings_and_backwards_is_unknown_and_no_time_is_no_energy() -> None:
    t = ticks(10)
    curve = from_counter(at(*t), even(200, t))
    assert curve.span_ns == (at(t[0])[0], at(t[-1])[0])
    energy = curve.between(at(-1, 9, 5), at(3, 11, 4))
    assert np.all(np.isnan([energy.joules, energy.low, energy.high]))
    assert window(curve, 4, 4) == (0, 0, 0)
    assert len(curve.between(at(), at()).joules) == 0


def test_a_load_that_begins_at_once_is_laid_out_so() -> None:
    t = ticks(20, 500)
    power = np.where(np.arange(20_000) < 10_030, 50.0, 350.0)
    curve = from_counter(at(*t), stepping(t, np.cumsum(power) / 1000, 0.1))
    assert window(curve, 9.5, 10.03)[0] == pytest.approx(50 * 0.53, rel=0.05)
    assert window(curve, 10.03, 10.5)[0] == pytest.approx(350 * 0.47, rel=0.02)


def test_nothing_is_interpolated_across_a_break() -> None:
    t = ticks(10)
    curve = from_counter(at(*t), even(200, t), breaks_ns=at(5))
    assert np.isnan(window(curve, 4, 6)).all()
    last, first = t[t < 5][-1], t[t > 5][0]
    assert window(curve, 1, last)[0] == pytest.approx(200 * (last - 1), rel=0.01)
    assert window(curve, first, 9)[0] == pytest.approx(200 * (9 - first), rel=0.01)
    assert np.isnan(window(curve, 1, last + 0.001)).all()


def test_a_counter_that_goes_back_is_a_break_and_never_a_negative_joule() -> None:
    t = ticks(10)
    counter = even(200, t)
    counter[t >= 5] -= 950
    curve = from_counter(at(*t), counter)
    assert np.isnan(window(curve, 4, 6)).all()
    assert window(curve, 6, 9)[0] == pytest.approx(600, rel=0.01)


def test_in_a_gap_the_interval_reaches_from_the_value_before_to_the_one_after() -> None:
    t = ticks(20)
    t = t[(t < 8) | (t > 12)]
    curve = from_counter(at(*t), even(100, t))
    joules, low, high = window(curve, 4, 10)
    assert low < 420  # all of it may have been used after the window
    assert high > 780
    assert low <= joules <= high
    whole, low, high = window(curve, 4, 16)
    assert whole == pytest.approx(1200, rel=0.01)
    assert high - low < 20


def test_readings_that_make_no_sense_are_left_out() -> None:
    t = ticks(10)
    counter = even(200, t)
    wrong = counter.copy()
    wrong[[50, 120]] = np.nan
    wrong[200], wrong[300] = 0, 1e15
    order = np.random.default_rng(1).permutation(len(t))
    twice = np.concatenate([order, order[:20]])
    clean = from_counter(at(*t), counter)
    curve = from_counter(at(*t)[twice], wrong[twice])
    assert window(curve, 1, 9) == pytest.approx(window(clean, 1, 9), rel=0.01)


@pytest.mark.parametrize("counter", [[], [7.0], [7.0, 7.0, 7.0], [np.nan, np.nan], [9.0, 4.0]])
def test_a_counter_that_never_moves_measures_nothing(counter: list[float]) -> None:
    with pytest.raises(ValueError, match="never moves"):
        from_counter(at(*range(len(counter))), np.array(counter))


def test_a_break_leaves_out_a_piece_in_which_nothing_moves() -> None:
    t = ticks(10)
    counter = even(200, t)
    counter[t > 5] = counter[t <= 5].max()
    curve = from_counter(at(*t), counter, breaks_ns=at(5))
    assert window(curve, 1, 4)[0] == pytest.approx(600, rel=0.01)
    assert np.isnan(window(curve, 6, 8)[0])


def test_where_the_period_is_even_steps_are_placed_more_finely_than_the_readings() -> None:
    t = ticks(20) + np.random.default_rng(1).uniform(0, 0.01, len(ticks(20)))
    steps = located(at(*t), even(200, t), (), None)
    true = steps.joules / 200 - t[0]
    assert np.all(steps.early_s <= true + 1e-6)
    assert np.all(true <= steps.late_s + 1e-6)
    assert np.median(steps.late_s - steps.early_s) < 0.015  # from 20


def test_a_counter_read_once_a_step_is_followed_also_past_a_reading_that_came_late() -> None:
    """Steps each 100 ms, read 20 ms after; each fourth is looked for 4 ms before, too."""
    looks = [n / 10 + 0.02 for n in range(1, 60)] + [n / 10 - 0.004 for n in range(4, 60, 4)]
    looks.remove(31 / 10 + 0.02)
    t = np.array(sorted([*looks, 3.198]))  # 98 ms after its step, 2 ms before the next
    steps = located(at(*t), 20 * np.floor(t / 0.1 + 1e-9), (), None)
    true = steps.joules / 200 - t[0]
    assert np.all(steps.early_s <= true + 1e-6)
    assert np.all(true <= steps.late_s + 1e-6)
    assert steps.update_s == pytest.approx(0.1)
    assert np.median(steps.late_s - steps.early_s) < 0.03


def test_samples_of_power_are_added_up_by_trapezoids() -> None:
    curve = from_power(at(0, 1, 2, 3), np.array([0.0, 100.0, 100.0, 0.0]))
    assert curve.method == "power samples"
    assert curve.update_s is None
    joules, low, high = window(curve, 0, 3)
    assert joules == pytest.approx(200, rel=1e-4)
    assert low <= joules <= high
    assert window(curve, 0, 0.5)[0] == pytest.approx(12.5, rel=1e-4)


def test_a_single_high_sample_counts() -> None:
    watts = np.full(100, 50.0)
    watts[50] = 350
    curve = from_power(at(*np.arange(100) / 50), watts)
    assert window(curve, 0, 1.9)[0] == pytest.approx(50 * 1.9 + 300 / 50, rel=1e-3)


def test_power_that_is_a_mean_over_the_past_second_is_moved_to_where_it_belongs() -> None:
    t = np.arange(0, 20, 0.02)
    watts = 100 + 200 * np.clip(t - 10, 0, 1)  # the mean over a second of a step at 10 s
    curve = from_power(at(*t), watts, averaged_s=1.0)
    joules, low, high = window(curve, 5, 15)
    assert joules == pytest.approx(500 + 1500, rel=0.01)
    joules, low, high = window(curve, 5, 10)
    assert low <= 500 <= high


def test_power_across_a_break_and_in_a_gap() -> None:
    t = np.arange(0, 10, 0.02)
    watts = np.where((t * 5) % 1 < 0.5, 200.0, 100.0)
    curve = from_power(at(*t), watts, breaks_ns=at(5))
    assert np.isnan(window(curve, 4, 6)).all()
    kept = (t < 4) | (t > 6)
    gap, whole = from_power(at(*t[kept]), watts[kept]), from_power(at(*t), watts)
    assert np.ptp(window(gap, 3, 7)) > 3 * np.ptp(window(whole, 3, 7))


@pytest.mark.parametrize(
    ("seconds", "watts"), [([], []), ([1.0], [50.0]), ([1.0, 2.0], [50.0, np.nan])]
)
def test_one_sample_covers_no_time(seconds: Sequence[float], watts: Sequence[float]) -> None:
    with pytest.raises(ValueError, match="fewer than two samples"):
        from_power(at(*seconds), np.array(watts))


def test_wraps_are_added_and_joules_never_negative() -> None:
    joules = unwrapped(np.array([5e6, 9e6, 2e6, 8e6, 1e6]), 10e6)
    assert joules.tolist() == [5, 9, 12, 18, 21]


def test_a_missing_reading_hides_no_wrap() -> None:
    joules = unwrapped(np.array([9e6, np.nan, 2e6]), 10e6)
    assert joules[[0, 2]].tolist() == [9, 12]
    assert np.isnan(joules[1])


@pytest.mark.parametrize("range_uj", [None, 0, np.nan])
def test_without_a_range_a_counter_that_goes_back_is_unknown_there(
    range_uj: float | None,
) -> None:
    joules = unwrapped(np.array([5e6, 9e6, 2e6, 8e6]), range_uj)
    assert joules[[0, 1, 3]].tolist() == [5, 9, 8]
    assert np.isnan(joules[2])


def test_a_counter_that_was_set_back_has_not_wrapped() -> None:
    joules = unwrapped(np.array([100e6, 104e6, 108e6, 0, 4e6, 8e6]), 262_143e6)
    assert np.isnan(joules[3])
    assert joules[[4, 5]].tolist() == [4, 8]


def test_the_result_is_arrays_of_one_length() -> None:
    t = ticks(5)
    energy = from_counter(at(*t), even(200, t)).between(at(1, 2), at(3, 4))
    assert isinstance(energy, Energy)
    assert energy.joules.shape == energy.low.shape == energy.high.shape == (2,)
