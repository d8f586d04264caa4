from __future__ import annotations

from types import SimpleNamespace

import pytest

from stages.sizing.gpu import gpu_bytes
from tests.trace.fake_nvml import FakeNvml

GIB = 2**30


class Gpus(FakeNvml):
    """GPUs with these bytes free."""

    def __init__(self, *free: int, **broken: int) -> None:
        super().__init__(len(free), **broken)
        self.free = free

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        self._called("nvmlDeviceGetMemoryInfo")
        return SimpleNamespace(free=self.free[handle - 100], total=8 * GIB)


def test_without_a_gpu_there_is_none() -> None:
    assert gpu_bytes("free", Gpus()) == 0
    assert gpu_bytes("free", Gpus(1, nvmlInit=12)) == 0


def test_all_gpus_count_as_far_as_they_are_known() -> None:
    gpus = Gpus(6 * GIB, 2**64 - 1, 3 * GIB)
    assert gpu_bytes("free", gpus) == 9 * GIB
    assert gpu_bytes("total", gpus) == 24 * GIB
    assert gpus.connected == 0


@pytest.mark.parametrize("call", ["nvmlDeviceGetHandleByIndex", "nvmlDeviceGetMemoryInfo"])
def test_a_gpu_that_says_nothing_adds_nothing(call: str) -> None:
    assert gpu_bytes("free", Gpus(8 * GIB, **{call: 15})) == 0
