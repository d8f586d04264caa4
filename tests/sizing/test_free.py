from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from stages.sizing.free import free_bytes
from tests.trace.fake_nvml import FakeNvml

GIB = 2**30


class Gpus(FakeNvml):
    """GPUs with these bytes free."""

    def __init__(self, *free: int, **broken: int) -> None:
        super().__init__(len(free), **broken)
        self.free = free

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        self._called("nvmlDeviceGetMemoryInfo")
        return SimpleNamespace(free=self.free[handle - 100])


@pytest.fixture(autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SimpleNamespace(total=64 * GIB, available=10 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def test_without_a_gpu_it_is_what_the_machine_has_free(tmp_path: Path) -> None:
    assert free_bytes(tmp_path, Gpus()) == 10 * GIB
    assert free_bytes(tmp_path, Gpus(1, nvmlInit=12)) == 10 * GIB


def test_a_group_may_leave_less(tmp_path: Path) -> None:
    for path, text in {
        "proc/self/mountinfo": "35 24 0:30 / /cg rw - cgroup2 cgroup2 rw\n",
        "proc/self/cgroup": "0::/\n",
        "cg/memory.max": f"{4 * GIB}\n",
        "cg/memory.current": f"{3 * GIB}\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert free_bytes(tmp_path, Gpus()) == GIB
    assert free_bytes(tmp_path, Gpus(5 * GIB)) == 6 * GIB


def test_what_the_gpus_have_free_is_added_as_far_as_it_is_known(tmp_path: Path) -> None:
    gpus = Gpus(8 * GIB, 2**64 - 1, 3 * GIB)
    assert free_bytes(tmp_path, gpus) == (10 + 8 + 3) * GIB
    assert gpus.connected == 0


@pytest.mark.parametrize("call", ["nvmlDeviceGetHandleByIndex", "nvmlDeviceGetMemoryInfo"])
def test_a_gpu_that_says_nothing_adds_nothing(tmp_path: Path, call: str) -> None:
    gpus = Gpus(8 * GIB, **{call: 15})
    assert free_bytes(tmp_path, gpus) == 10 * GIB
    assert gpus.connected == 0
