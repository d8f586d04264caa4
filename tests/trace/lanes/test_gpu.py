from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.sealed import payload_of
from stages.trace.lanes.gpu import COLUMNS, Gpu, GpuThread
from tests.trace.fake_nvml import FakeNvml
from tests.trace.notes import Notes


def reading(nvml: FakeNvml, notes: Notes | None = None) -> dict[str, object]:
    return dict(zip(COLUMNS, Gpu(nvml, 0, notes or Notes()).read(), strict=True))


def rows(scratch: Path) -> list[list[str]]:
    log = scratch / "trace_gpu.log"
    lines = log.read_bytes().splitlines(keepends=True) if log.exists() else []
    return [(payload_of(line) or b"").decode().split(",") for line in lines[1:]]


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_row() -> None:
    row = reading(FakeNvml())
    t_ns = row.pop("t_ns")
    assert isinstance(t_ns, int)
    assert 0 <= time.monotonic_ns() - t_ns < 60e9
    assert row == {
        "gpu": 0,
        "name": "Fake GPU 100",
        "utilisation_percent": 0,
        "memory_used_bytes": None,  # the driver's "not available"
        "memory_total_bytes": 8000,
        "power_mw": 250_000,
        "energy_mj": 5_000_100,
        "temperature_c": 61,
    }


def test_a_figure_that_the_gpu_lacks_is_null_noted_and_not_asked_again() -> None:
    nvml, notes = FakeNvml(nvmlDeviceGetTotalEnergyConsumption=3), Notes()
    gpu = Gpu(nvml, 0, notes)
    first, second = gpu.read(), gpu.read()
    assert first[COLUMNS.index("energy_mj")] is second[COLUMNS.index("energy_mj")] is None
    assert first[COLUMNS.index("power_mw")] == 250_000
    assert nvml.calls.count("nvmlDeviceGetTotalEnergyConsumption") == 1
    (note,) = notes
    assert note[:3] == ("lane_missing", "gpu", "energy of GPU 0")


def test_a_figure_that_fails_for_once_is_asked_again() -> None:
    nvml, notes = FakeNvml(nvmlDeviceGetPowerUsage=10), Notes()
    gpu = Gpu(nvml, 0, notes)
    assert gpu.read()[COLUMNS.index("power_mw")] is None
    assert gpu.read()[COLUMNS.index("power_mw")] is None
    assert len(notes) == 1
    nvml.broken.clear()
    assert gpu.read()[COLUMNS.index("power_mw")] == 250_000


@pytest.mark.parametrize("error", [12, 9])
def test_without_a_driver_nothing_is_written_and_one_event_says_why(
    tmp_path: Path, error: int
) -> None:
    notes = Notes()
    thread = GpuThread(tmp_path, 50, notes, FakeNvml(nvmlInit=error))
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert not list(tmp_path.iterdir())
    (note,) = notes
    assert note[:3] == ("lane_missing", "gpu", None)
    assert f"NVML error {error}" in (note.detail or "")


def test_rows_of_several_gpus_until_stopped(tmp_path: Path) -> None:
    nvml = FakeNvml(2)
    thread = GpuThread(tmp_path, 100, Notes(), nvml)
    thread.start()
    wait_for(lambda: len(rows(tmp_path)) >= 6)
    thread.stop(10)
    assert not thread.is_alive()
    assert nvml.connected == 0
    written = rows(tmp_path)
    assert [row[1] for row in written] == ["0", "1"] * (len(written) // 2)
    times = [int(row[0]) for row in written]
    assert times == sorted(times)


def test_a_lost_gpu_leaves_the_others(tmp_path: Path) -> None:
    nvml, notes = FakeNvml(2), Notes()
    power = nvml.nvmlDeviceGetPowerUsage

    def lost(handle: int) -> int:
        if handle == 100 and len(rows(tmp_path)) >= 2:
            nvml.broken["lost"] = 15
            nvml._called("lost")
        return power(handle)

    nvml.nvmlDeviceGetPowerUsage = lost  # type: ignore[method-assign]
    thread = GpuThread(tmp_path, 100, notes, nvml)
    thread.start()
    wait_for(lambda: len(rows(tmp_path)) >= 6)
    thread.stop(10)
    assert [row[1] for row in rows(tmp_path)[:6]] == ["0", "1", "1", "1", "1", "1"]
    (note,) = notes
    assert note[:3] == ("lane_missing", "gpu", "GPU 0")


def test_a_blocking_driver_holds_nobody_up(tmp_path: Path) -> None:
    thread = GpuThread(tmp_path, 100, Notes(), FakeNvml(blocks_s=3))
    thread.start()
    began = time.monotonic()
    thread.stop(0.1)
    assert time.monotonic() - began < 2
