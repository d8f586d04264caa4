"""A driver that answers like ``pynvml``, with as many GPUs as wanted."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pynvml


class FakeNvml:
    """``broken`` maps a function's name to the error that it raises."""

    def __init__(self, gpus: int = 1, blocks_s: float = 0.0, **broken: int) -> None:
        self.gpus = gpus
        self.blocks_s = blocks_s
        self.broken = broken
        self.calls: list[str] = []
        self.connected = 0

    def nvmlInit(self) -> None:  # noqa: N802 (the library's name)
        self._called("nvmlInit")
        self.connected += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.connected -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return self._called("nvmlDeviceGetCount") or self.gpus

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        self._called("nvmlDeviceGetHandleByIndex")
        return 100 + index

    def nvmlDeviceGetName(self, handle: int) -> str:  # noqa: N802
        self._called("nvmlDeviceGetName")
        return f"Fake GPU {handle}"

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:  # noqa: N802
        self._called("nvmlDeviceGetUtilizationRates")
        return SimpleNamespace(gpu=0, memory=9)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        self._called("nvmlDeviceGetMemoryInfo")
        return SimpleNamespace(used=2**64 - 1, total=8000, free=1)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        self._called("nvmlDeviceGetPowerUsage")
        time.sleep(self.blocks_s)
        return 250_000

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> int:  # noqa: N802
        self._called("nvmlDeviceGetTotalEnergyConsumption")
        return 5_000_000 + handle

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:  # noqa: N802
        assert sensor == pynvml.NVML_TEMPERATURE_GPU
        self._called("nvmlDeviceGetTemperature")
        return 61

    def _called(self, function: str) -> None:
        self.calls.append(function)
        if function in self.broken:
            raise pynvml.NVMLError(self.broken[function])
