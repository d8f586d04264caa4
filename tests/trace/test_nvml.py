from __future__ import annotations

import pynvml
import pytest

from stages.trace.nvml import connect, gpu_names, reason
from tests.trace.fake_nvml import FakeNvml


def test_names_of_the_gpus() -> None:
    nvml = FakeNvml(2)
    assert gpu_names(nvml) == (["Fake GPU 100", "Fake GPU 101"], None)
    assert nvml.connected == 0


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(12, "install its driver"), (9, "load it"), (4, "allow"), (18, "restart")],
)
def test_without_a_driver_the_reason_names_a_remedy(error: int, remedy: str) -> None:
    names, why_none = gpu_names(FakeNvml(nvmlInit=error))
    assert names == []
    assert remedy in (why_none or "")
    assert f"(NVML error {error})" in (why_none or "")


def test_no_gpu_and_uncountable_gpus() -> None:
    empty, broken = FakeNvml(0), FakeNvml(nvmlDeviceGetCount=999)
    assert connect(empty) == (0, "the NVIDIA driver runs but shows no GPU to this process")
    assert connect(broken)[0] == 0
    assert "999" in (connect(broken)[1] or "")
    assert empty.connected == broken.connected == 0


def test_a_gpu_without_a_name_is_not_invented() -> None:
    names, why_none = gpu_names(FakeNvml(nvmlDeviceGetName=15))
    assert names == []
    assert "fell off its bus" in (why_none or "")


def test_the_library_itself_gives_names_or_a_reason() -> None:
    names, why_none = gpu_names()
    assert bool(names) == (why_none is None)


def test_an_error_that_has_no_remedy_is_in_the_librarys_words() -> None:
    assert reason(pynvml.NVMLError(10)) == "Timeout (NVML error 10)"
