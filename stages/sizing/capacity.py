"""The memory that this machine has for models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pynvml

from stages.machine import usable_memory_bytes
from stages.sizing.remark import available
from stages.trace.nvml import connect

_SYSTEM_BYTES = 2_000_000_000  # stays free: the system, DVC and what else is open
_NO_SIZE = 2**64 - 1  # the driver's way to say that it doesn't know (NVML_VALUE_NOT_AVAILABLE)
_GPU_SHARE = 0.9  # of a GPU's memory: the driver and the screen take the rest


@dataclass(frozen=True)
class Capacity:
    """Memory that models may take (bytes): the machine's, and that of its NVIDIA GPUs."""

    memory_bytes: int
    gpu_bytes: int

    @property
    def total_bytes(self) -> int:
        """Both together: what a GPU can't hold of a model stays in the machine's memory."""
        return self.memory_bytes + self.gpu_bytes

    def __str__(self) -> str:
        gpu = f" and {available(self.gpu_bytes)} of GPU memory" if self.gpu_bytes else ""
        return f"{available(self.memory_bytes)} of memory{gpu}"


def capacity(nvml: Any = pynvml) -> Capacity:
    """What models may take here."""
    memory = max(0, usable_memory_bytes() - _SYSTEM_BYTES)
    return Capacity(memory, int(_GPU_SHARE * _gpu_bytes(nvml)))


def _gpu_bytes(nvml: Any) -> int:
    """Memory of all GPUs that say how much they have; those that share the machine's don't."""
    count, _ = connect(nvml)
    if not count:
        return 0
    total = 0
    for index in range(count):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            size = int(nvml.nvmlDeviceGetMemoryInfo(handle).total)
        except pynvml.NVMLError:
            continue
        total += size if size != _NO_SIZE else 0
    nvml.nvmlShutdown()
    return total
