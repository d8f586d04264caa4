from __future__ import annotations

import pynvml
import pytest

from stages.sizing import capacity as module
from stages.sizing.capacity import Capacity, capacity
from tests.trace.fake_nvml import FakeNvml


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_memory_bytes", lambda: 8_000_000_000)


def test_two_gb_stay_free_and_gpus_add_nine_tenths_of_theirs() -> None:
    nvml = FakeNvml(2)  # of 8,000 bytes each
    assert capacity(nvml) == Capacity(6_000_000_000, 14_400)
    assert capacity(nvml).total_bytes == 6_000_014_400
    assert nvml.connected == 0


def test_what_no_driver_says_adds_nothing() -> None:
    assert capacity(FakeNvml(nvmlInit=12)).gpu_bytes == 0
    unsupported = FakeNvml(nvmlDeviceGetMemoryInfo=pynvml.NVML_ERROR_NOT_SUPPORTED)
    assert capacity(unsupported).gpu_bytes == 0
    assert unsupported.connected == 0


def test_a_machine_without_memory_to_spare_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_memory_bytes", lambda: 1_000_000_000)
    assert capacity(FakeNvml(0)).memory_bytes == 0


def test_it_is_said_in_gb_and_never_too_large() -> None:
    assert str(Capacity(6_290_000_000, 0)) == "6.2 GB of memory"
    assert str(Capacity(6_290_000_000, 10_800_000_000)) == (
        "6.2 GB of memory and 10.8 GB of GPU memory"
    )
