"""A driver that answers like ``pynvml``, with as many GPUs as wanted."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pynvml


class FakeNvml:
    """``broken`` maps a function's name to the error that it raises.

    ``blocks_s`` is how long the power takes to read; where ``blocked`` is set, reading it waits
    until the event. ``answers`` maps a function's name to what it gives instead.
    """

    NVMLError = pynvml.NVMLError

    def __init__(self, gpus: int = 1, blocks_s: float = 0.0, **broken: int) -> None:
        self.gpus = gpus
        self.blocks_s = blocks_s
        self.blocked: threading.Event | None = None
        self.broken = broken
        self.answers: dict[str, Any] = {}
        self.calls: list[str] = []
        self.connected = 0

    def nvmlInit(self) -> None:  # noqa: N802 (the library's name)
        self._called("nvmlInit")
        self.connected += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.connected -= 1

    def nvmlDeviceGetCount(self) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetCount", self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        self._called("nvmlDeviceGetHandleByIndex")
        return 100 + index

    def nvmlDeviceGetName(self, handle: int) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetName", f"Fake GPU {handle}")

    def nvmlDeviceGetMigMode(self, handle: int) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetMigMode", [0, 0])

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        rates = SimpleNamespace(gpu=0, memory=9)
        return self._called("nvmlDeviceGetUtilizationRates", rates)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        self._called("nvmlDeviceGetMemoryInfo")
        return SimpleNamespace(used=2**64 - 1, total=8000, free=1)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> Any:  # noqa: N802
        if self.blocked:
            self.blocked.wait(60)
        time.sleep(self.blocks_s)
        return self._called("nvmlDeviceGetPowerUsage", 250_000)

    def nvmlDeviceGetFieldValues(self, handle: int, fields: list[int]) -> Any:  # noqa: N802
        assert fields == [pynvml.NVML_FI_DEV_POWER_INSTANT]
        value = pynvml.c_nvmlValue_t(uiVal=260_000)
        field = SimpleNamespace(nvmlReturn=0, valueType=1, value=value)
        return self._called("nvmlDeviceGetFieldValues", [field])

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetTotalEnergyConsumption", 5_000_000 + handle)

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> Any:  # noqa: N802
        assert sensor == pynvml.NVML_TEMPERATURE_GPU
        return self._called("nvmlDeviceGetTemperature", 61)

    def nvmlDeviceGetClockInfo(self, handle: int, clock: int) -> Any:  # noqa: N802
        clocks = {pynvml.NVML_CLOCK_GRAPHICS: 1500, pynvml.NVML_CLOCK_MEM: 9000}
        return self._called("nvmlDeviceGetClockInfo", clocks[clock])

    def nvmlDeviceGetCurrentClocksEventReasons(self, handle: int) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetCurrentClocksEventReasons", 4)

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: int) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetCurrentClocksThrottleReasons", 8)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> Any:  # noqa: N802
        processes = [SimpleNamespace(pid=11, usedGpuMemory=700)]
        return self._called("nvmlDeviceGetComputeRunningProcesses", processes)

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: int) -> Any:  # noqa: N802
        return self._called("nvmlDeviceGetGraphicsRunningProcesses", [])

    def _called(self, function: str, answer: Any = None) -> Any:
        self.calls.append(function)
        if function in self.broken:
            raise pynvml.NVMLError(self.broken[function])
        answer = self.answers.get(function, answer)
        return answer() if callable(answer) else answer
