from __future__ import annotations

from types import SimpleNamespace

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
    assert connect(empty)[0] == connect(broken)[0] == 0
    assert "shows no GPU to this process" in (connect(empty)[1] or "")
    assert "999" in (connect(broken)[1] or "")
    assert empty.connected == broken.connected == 0


@pytest.mark.parametrize("count", [None, "many", -3])
def test_a_count_that_cannot_be_is_no_gpu(count: object) -> None:
    nvml = FakeNvml()
    nvml.answers = {"nvmlDeviceGetCount": lambda: count}
    found, why_none = connect(nvml)
    assert found == 0
    assert why_none
    assert nvml.connected == 0


def test_a_count_that_cannot_be_true_starts_no_thousand_threads() -> None:
    assert connect(FakeNvml(10**9))[0] == 64


@pytest.mark.parametrize("error", [15, 999])
def test_a_gpu_without_a_name_is_not_invented(error: int) -> None:
    names, why_none = gpu_names(FakeNvml(nvmlDeviceGetName=error))
    assert names == []
    assert f"NVML error {error}" in (why_none or "")


@pytest.mark.parametrize("name", [None, "", 7])
def test_a_name_that_is_none_is_not_invented(name: object) -> None:
    nvml = FakeNvml()
    nvml.answers = {"nvmlDeviceGetName": lambda: name}
    assert gpu_names(nvml) == ([], "the driver doesn't name it")


def test_a_name_of_bytes_is_read() -> None:
    nvml = FakeNvml()
    nvml.answers = {"nvmlDeviceGetName": b"Fake \xff"}
    assert gpu_names(nvml) == (["Fake \ufffd"], None)


def test_the_library_itself_gives_names_or_a_reason() -> None:
    names, why_none = gpu_names()
    assert bool(names) == (why_none is None)


def test_a_library_without_its_functions_is_a_reason() -> None:
    names, why_none = gpu_names(SimpleNamespace())
    assert names == []
    assert "nvmlInit" in (why_none or "")
    assert "newer" in (why_none or "")


def test_an_error_that_has_no_remedy_is_in_the_librarys_words() -> None:
    assert reason(pynvml.NVMLError(10)) == "Timeout (NVML error 10)"
