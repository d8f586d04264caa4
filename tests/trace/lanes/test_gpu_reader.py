"""One GPU, whose counter steps each 100 ms, read in a time that passes only by being used."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from stages.trace.clock import SECOND
from stages.trace.energy import from_counter
from stages.trace.lanes import gpu_device, gpu_reader
from stages.trace.lanes.gpu_device import COLUMNS, Gpu
from stages.trace.lanes.gpu_reader import TABLE, GpuReader
from stages.trace.log import Row
from tests.trace.fake_nvml import FakeNvml
from tests.trace.notes import Notes

MS = SECOND // 1000
PERIOD_NS, STEP_NS = 100 * MS, 37 * MS
ENERGY = "nvmlDeviceGetTotalEnergyConsumption"


def joules(t_ns: float) -> float:
    """Two seconds of 120 W, then two of 700 W, and again."""
    cycles, into = divmod(t_ns / SECOND, 4.0)
    return 1640 * cycles + 120 * into + 580 * max(into - 2, 0)


class Time:
    """What ``time`` and an event that never comes have, with a driver that takes the processor."""

    def __init__(self, call_ns: int, until_ns: int, busy: bool, uneven: float) -> None:
        self.now, self.cpu, self.call_ns, self.until_ns = SECOND, 0, call_ns, until_ns
        self.busy, self.uneven = busy, uneven
        self.random = random.Random(1)

    def monotonic_ns(self) -> int:
        self.now += 1000
        return self.now

    def thread_time_ns(self) -> int:
        return self.cpu

    def is_set(self) -> bool:
        return self.now >= self.until_ns

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND) + self.random.randrange(MS // 2)

    def energy(self) -> int:
        """The counter as it stands at the end of the call, which waits while the GPU counts.

        So does an H200's with driver 580: for 15 ms from the step on.
        """
        took = round(self.call_ns * self.random.uniform(0.9, 1.1))
        since = (self.now + took - STEP_NS) % PERIOD_NS - took
        if self.call_ns > MS and -MS < since < 15 * MS:
            took = max(took, 15 * MS - since)
        self.now += took
        self.cpu += took * self.busy
        number = (self.now - STEP_NS) // PERIOD_NS
        return round(1000 * joules(max(self.step(number - 1), self.step(number, self.now))))

    def step(self, number: int, until: int | None = None) -> int:
        """When the counter steps; 0 if that is later than ``until``."""
        late = random.Random(number).random() * self.uneven
        at = STEP_NS + round((number + late) * PERIOD_NS)
        return at if until is None or at <= until else 0


Read = Callable[..., tuple[Time, FakeNvml, list[dict[str, Any]]]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    def reads(
        call_ns: int, seconds: int, hz: float = 20, busy: bool = True, uneven: float = 0
    ) -> tuple[Time, FakeNvml, list[dict[str, Any]]]:
        time = Time(call_ns, (1 + seconds) * SECOND, busy, uneven)
        monkeypatch.setattr(gpu_device, "time", time)
        monkeypatch.setattr(gpu_reader, "time", time)
        nvml = FakeNvml()
        rows: list[dict[str, Any]] = []
        nvml.answers[ENERGY] = time.energy

        def emit(table: str, new: Sequence[Row]) -> None:
            rows.extend(dict(zip(COLUMNS, row, strict=True)) for row in new if table == TABLE)

        gpu = Gpu(nvml, 0, Notes(), {}.get)
        GpuReader(gpu, hz, emit, lambda _: None).run(time)  # type: ignore[arg-type]
        return time, nvml, rows

    return reads


def test_a_counter_that_takes_the_processor_long_is_read_once_a_step(read: Read) -> None:
    time, nvml, rows = read(3 * MS, 60)
    assert time.cpu <= 0.06 * 60 * SECOND  # looking all the time would take a fifth
    assert 9 * 60 <= nvml.calls.count(ENERGY) <= 15 * 60
    whole = [row for row in rows if row["utilisation_percent"] is not None]
    assert 19 * 60 <= len(whole) <= 20 * 60 + 2
    known = [(row["t_ns"], row["energy_mj"] / 1000) for row in rows if row["energy_mj"] is not None]
    t_ns, counted = (np.array(column) for column in zip(*known, strict=True))
    curve = from_counter(t_ns, counted)
    assert curve.update_s == pytest.approx(0.1, rel=0.002)
    start = np.random.default_rng(1).integers(4 * SECOND, 55 * SECOND, 1000)
    energy = curve.between(start, start + 2 * SECOND)
    truth = np.array([joules(t + 2 * SECOND) - joules(t) for t in start])
    assert np.mean((energy.low <= truth) & (truth <= energy.high)) >= 0.95
    assert np.percentile(np.abs(energy.joules / truth - 1), 95) <= 0.01


def test_a_counter_that_takes_longer_still_keeps_to_its_share(read: Read) -> None:
    time, _, rows = read(30 * MS, 60)
    assert time.cpu <= 0.07 * 60 * SECOND + SECOND
    assert sum(row["utilisation_percent"] is not None for row in rows) >= 15 * 60


def test_one_whose_steps_cannot_be_followed_keeps_to_its_share(read: Read) -> None:
    time, _, _ = read(20 * MS, 120, uneven=0.5)
    assert time.cpu <= 0.06 * 120 * SECOND + SECOND + 40 * MS  # else it would be four fifths


def test_one_too_slow_to_be_followed_is_read_now_and_then(read: Read) -> None:
    time, _, _ = read(60 * MS, 120)
    assert time.cpu <= 0.05 * 120 * SECOND


def test_a_call_that_only_waits_takes_a_fifth_of_the_time_between_ticks(read: Read) -> None:
    _, nvml, _ = read(8 * MS, 1, hz=0.5, busy=False)  # while it learns how the counter steps
    assert nvml.calls.count(ENERGY) <= 0.25 * 1 / 0.008


def test_a_cheap_counter_is_read_at_each_tick(read: Read) -> None:
    _, _, rows = read(MS // 50, 5)
    whole = [row for row in rows if row["utilisation_percent"] is not None]
    assert len(whole) >= 95
    assert all(row["energy_mj"] is not None for row in whole)
