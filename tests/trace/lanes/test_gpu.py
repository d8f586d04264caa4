from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from stages.trace.clock import SECOND
from stages.trace.lanes import gpu_device
from stages.trace.lanes.gpu import TABLES, GpuThreads
from stages.trace.lanes.gpu_device import COLUMNS, PROCESS_COLUMNS, Gpu
from stages.trace.log import Row
from stages.trace.schema import GPU, GPU_PROCESS
from tests.trace.fake_nvml import FakeNvml
from tests.trace.notes import Notes

POWER, ENERGY = "nvmlDeviceGetPowerUsage", "nvmlDeviceGetTotalEnergyConsumption"
EVENT_REASONS = "nvmlDeviceGetCurrentClocksEventReasons"
COMPUTE, GRAPHICS = (f"nvmlDeviceGet{kind}RunningProcesses" for kind in ("Compute", "Graphics"))


class Emitted:
    """Keeps what threads emit."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Row]] = []

    def __call__(self, table: str, rows: Sequence[Row]) -> None:
        self.all += [(table, row) for row in rows]

    def rows(self, table: str = "trace_gpu") -> list[dict[str, Any]]:
        columns = TABLES[table]
        return [dict(zip(columns, row, strict=True)) for name, row in self.all if name == table]

    def whole(self) -> list[dict[str, Any]]:
        return [row for row in self.rows() if row["utilisation_percent"] is not None]


def gpu_of(nvml: Any, notes: Notes | None = None) -> Gpu:
    return Gpu(nvml, 0, notes if notes is not None else Notes(), {11: "m"}.get)


def reading(gpu: Gpu) -> dict[str, Any]:
    return dict(zip(COLUMNS, gpu.row(time.monotonic_ns(), gpu.energy()), strict=True))


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def emitted() -> Emitted:
    return Emitted()


def started(nvml: Any, emitted: Emitted, notes: Notes | None = None, hz: float = 50) -> GpuThreads:
    threads = GpuThreads(hz, notes if notes is not None else Notes(), emitted, {11: "m"}.get, nvml)
    threads.start()
    assert threads.connected.wait(30)
    return threads


def test_the_columns_are_those_of_the_tables() -> None:
    given = {column.name for column in GPU} - {"session_id"}
    assert set(COLUMNS) == given
    assert set(PROCESS_COLUMNS) == {column.name for column in GPU_PROCESS} - {"session_id"}


def test_a_row() -> None:
    row = reading(gpu_of(FakeNvml()))
    t_ns = row.pop("t_ns")
    assert 0 <= time.monotonic_ns() - t_ns < 60e9
    assert row == {
        "gpu": 0,
        "name": "Fake GPU 100",
        "utilisation_percent": 0,
        "memory_used_bytes": None,  # the driver's "not available"
        "memory_total_bytes": 8000,
        "power_mw": 250_000,
        "power_instant_mw": 260_000,
        "energy_mj": 5_000_100,
        "temperature_c": 61,
        "graphics_clock_hz": 1_500_000_000,
        "memory_clock_hz": 9_000_000_000,
        "throttle_reasons": 4,
    }


def test_memory_in_use_leaves_out_what_the_driver_keeps() -> None:
    class Nvml(FakeNvml):
        nvmlMemory_v2 = pynvml.nvmlMemory_v2  # noqa: N815 (the library's name)

        def nvmlDeviceGetMemoryInfo(self, handle: int, version: int = 0) -> Any:  # noqa: N802
            self._called("of the second version" if version else "of the first")
            return SimpleNamespace(used=7000 if version else 7600, total=8000)

    assert reading(gpu_of(Nvml()))["memory_used_bytes"] == 7000
    for error in (
        pynvml.NVML_ERROR_FUNCTION_NOT_FOUND,
        pynvml.NVML_ERROR_INVALID_ARGUMENT,
        pynvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH,
    ):
        old = Nvml(**{"of the second version": error})
        assert reading(gpu_of(old))["memory_used_bytes"] == 7600
    notes = Notes()
    lost = Nvml(**{"of the second version": pynvml.NVML_ERROR_NO_PERMISSION})
    assert reading(gpu_of(lost, notes))["memory_used_bytes"] is None
    assert "of the first" not in lost.calls


def test_what_changes_slowly_is_read_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    # On a busy machine a call may take long for once, and would be made less often.
    clock = SimpleNamespace(monotonic_ns=count(SECOND, 1000).__next__)
    monkeypatch.setattr(gpu_device, "time", clock)
    nvml = FakeNvml()
    gpu = gpu_of(nvml)
    first, second = reading(gpu), reading(gpu)
    assert first["temperature_c"] == 61
    assert second["temperature_c"] is second["throttle_reasons"] is None
    assert second["power_mw"] == 250_000
    assert nvml.calls.count("nvmlDeviceGetTemperature") == 1


def test_what_takes_long_is_asked_less_often() -> None:
    nvml = FakeNvml(blocks_s=0.1)
    gpu = gpu_of(nvml)
    assert reading(gpu)["power_mw"] == 250_000
    assert reading(gpu)["power_mw"] is None
    assert nvml.calls.count(POWER) == 1


def test_a_figure_that_the_gpu_lacks_is_null_noted_and_not_asked_again() -> None:
    nvml, notes = FakeNvml(**{ENERGY: 3}), Notes()
    gpu = gpu_of(nvml, notes)
    notes.clear()  # of the memory in use
    assert gpu.energy() is gpu.energy() is None
    assert nvml.calls.count(ENERGY) == 1
    (note,) = notes
    assert note[:3] == ("lane_missing", "gpu", "energy of GPU 0")
    assert "a newer driver" in (note.detail or "")


def test_a_figure_that_fails_for_once_is_asked_again() -> None:
    nvml, notes = FakeNvml(**{ENERGY: 10}), Notes()
    gpu = gpu_of(nvml, notes)
    assert gpu.energy() is gpu.energy() is None
    assert len(notes) == 1
    nvml.broken.clear()
    assert gpu.energy() == 5_000_100


@pytest.mark.parametrize(
    "answer", [None, "250", b"250", -1, 2**32 - 1, 2**64 - 1, 2**70, float("nan"), True, object()]
)
def test_an_answer_that_cannot_be_is_null_and_noted_once(answer: object) -> None:
    nvml, notes = FakeNvml(), Notes()
    nvml.answers = {ENERGY: lambda: answer}
    gpu = gpu_of(nvml, notes)
    assert gpu.energy() is gpu.energy() is None
    assert [note.subject for note in notes] == ["energy of GPU 0"]


def test_numbers_of_ctypes_are_numbers() -> None:
    nvml = FakeNvml()
    nvml.answers = {ENERGY: SimpleNamespace(value=42)}
    assert gpu_of(nvml).energy() == 42


@pytest.mark.parametrize("field", [SimpleNamespace(nvmlReturn=3), SimpleNamespace(), None, 7])
def test_instant_power_that_the_driver_lacks(field: object) -> None:
    nvml, notes = FakeNvml(), Notes()
    nvml.answers = {"nvmlDeviceGetFieldValues": [field]}
    row = reading(gpu_of(nvml, notes))
    assert row["power_instant_mw"] is None
    assert row["power_mw"] == 250_000
    assert "instant power of GPU 0" in [note.subject for note in notes]


def test_an_older_driver_calls_the_throttle_reasons_otherwise() -> None:
    assert reading(gpu_of(FakeNvml(**{EVENT_REASONS: 13})))["throttle_reasons"] == 8


def test_a_library_that_lacks_everything_but_the_handle_gives_nulls() -> None:
    notes = Notes()
    row = reading(gpu_of(SimpleNamespace(nvmlDeviceGetHandleByIndex=lambda index: index), notes))
    assert {value for name, value in row.items() if name not in ("t_ns", "gpu")} == {None}
    subjects = [note.subject for note in notes]
    assert len(subjects) == len(set(subjects)) == 10
    assert all(note.kind == "lane_missing" and note.detail for note in notes)


def test_a_divided_gpu_says_so() -> None:
    nvml, notes = FakeNvml(nvmlDeviceGetUtilizationRates=3), Notes()
    nvml.answers = {"nvmlDeviceGetMigMode": [1, 1]}
    assert reading(gpu_of(nvml, notes))["utilisation_percent"] is None
    assert "divided into instances" in (notes[0].detail or "")


def test_processes_of_both_lists_each_once() -> None:
    nvml, notes = FakeNvml(), Notes()
    nvml.answers = {
        COMPUTE: [SimpleNamespace(pid=11, usedGpuMemory=700)],
        GRAPHICS: [
            SimpleNamespace(pid=11, usedGpuMemory=700),
            SimpleNamespace(pid=12, usedGpuMemory=None),
            SimpleNamespace(pid=None, usedGpuMemory=5),
        ],
    }
    rows = gpu_of(nvml, notes).processes()
    assert [tuple(row)[1:] for row in rows] == [(0, 11, "m", 700), (0, 12, None, None)]
    subjects = [note.subject for note in notes]
    assert subjects == ["memory of processes of GPU 0", "process ids of GPU 0"]


@pytest.mark.parametrize("error", [12, 9])
def test_without_a_driver_nothing_is_emitted_and_one_event_says_why(
    emitted: Emitted, error: int
) -> None:
    notes = Notes()
    threads = started(FakeNvml(nvmlInit=error), emitted, notes)
    threads.stop(30)
    assert not emitted.all
    assert not threads.has_energy
    (note,) = notes
    assert note[:3] == ("lane_missing", "gpu", None)
    assert f"NVML error {error}" in (note.detail or "")


def test_rows_of_several_gpus_until_stopped(emitted: Emitted) -> None:
    nvml = FakeNvml(2)
    threads = started(nvml, emitted)
    assert threads.has_energy
    wait_for(lambda: len(emitted.whole()) >= 6)
    threads.stop(30)
    assert nvml.connected == 0
    before = len(emitted.all)
    for gpu in (0, 1):
        times = [row["t_ns"] for row in emitted.rows() if row["gpu"] == gpu]
        assert len(times) >= 2
        assert times == sorted(set(times))
    processes = emitted.rows("trace_gpu_process")
    assert {(row["gpu"], row["pid"], row["model"], row["memory_bytes"]) for row in processes} == {
        (0, 11, "m", 700),
        (1, 11, "m", 700),
    }
    time.sleep(0.1)
    assert len(emitted.all) == before


def test_a_gpu_without_an_energy_counter_is_known_as_such(emitted: Emitted) -> None:
    threads = started(FakeNvml(**{ENERGY: 3}), emitted)
    assert not threads.has_energy
    wait_for(lambda: len(emitted.whole()) >= 3)
    threads.stop(30)


def test_a_step_of_the_counter_is_bracketed_between_ticks(emitted: Emitted) -> None:
    nvml = FakeNvml()
    nvml.answers = {ENERGY: lambda: time.monotonic_ns() // 100_000_000}
    threads = started(nvml, emitted, hz=1)
    wait_for(lambda: len(emitted.rows()) >= 30)
    threads.stop(30)
    rows = emitted.rows()
    between = [row for row in rows if row["utilisation_percent"] is None]
    assert len(between) > len(rows) / 2
    assert {(row["name"], row["power_mw"]) for row in between} == {("Fake GPU 100", None)}
    energies = [row["energy_mj"] for row in rows]
    assert energies == sorted(energies)
    # The last reading of the old value is kept with the first of the new one.
    assert sum(energies.count(energy) > 1 for energy in set(energies)) > 3


def test_a_lost_gpu_leaves_the_others(emitted: Emitted) -> None:
    class Losing(FakeNvml):
        def nvmlDeviceGetPowerUsage(self, handle: int) -> Any:  # noqa: N802
            if handle == 100 and len(emitted.whole()) >= 4:
                raise self.NVMLError(15)
            return super().nvmlDeviceGetPowerUsage(handle)

    nvml, notes = Losing(2), Notes()
    threads = started(nvml, emitted, notes)
    wait_for(lambda: any(note.subject == "GPU 0" for note in notes))
    before = len(emitted.whole())
    wait_for(lambda: len(emitted.whole()) >= before + 3)
    assert nvml.connected == 1
    threads.stop(30)
    assert {row["gpu"] for row in emitted.whole()[before + 1 :]} == {1}
    assert nvml.connected == 0


def test_a_gpu_that_blocks_delays_no_other_and_no_end(emitted: Emitted) -> None:
    class Blocking(FakeNvml):
        def nvmlDeviceGetPowerUsage(self, handle: int) -> Any:  # noqa: N802
            if handle == 100:
                release.wait(60)
            return super().nvmlDeviceGetPowerUsage(handle)

    release = threading.Event()
    nvml = Blocking(2)
    threads = started(nvml, emitted)
    wait_for(lambda: len(emitted.whole()) >= 3)
    assert {row["gpu"] for row in emitted.whole()} == {1}
    began = time.monotonic()
    threads.stop(0.2)
    assert time.monotonic() - began < 10
    assert nvml.connected == 1  # the driver isn't let go of under a call
    release.set()
    wait_for(lambda: nvml.connected == 0)


def test_a_driver_that_never_connects_holds_nobody_up(emitted: Emitted) -> None:
    class Stuck(FakeNvml):
        def nvmlInit(self) -> None:  # noqa: N802
            release.wait(60)

    release = threading.Event()
    threads = GpuThreads(50, Notes(), emitted, {}.get, Stuck())
    threads.start()
    threads.stop(0.1)
    assert not threads.connected.is_set()
    release.set()


@pytest.fixture
def broken_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(__import__("sys").modules, "pynvml", None)
    yield


@pytest.mark.usefixtures("broken_library")
def test_a_library_that_cannot_be_imported_is_a_reason(emitted: Emitted) -> None:
    notes = Notes()
    started(None, emitted, notes).stop(30)
    (note,) = notes
    assert "install nvidia-ml-py" in (note.detail or "")
