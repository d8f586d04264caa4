"""The memory of this machine's NVIDIA GPUs, as their driver tells it."""

from __future__ import annotations

from typing import Any, Literal

import pynvml

from stages.trace.nvml import connect

_NO_SIZE = 2**64 - 1  # the driver's way to say that it doesn't know (NVML_VALUE_NOT_AVAILABLE)


def gpu_bytes(what: Literal["total", "free"], nvml: Any = pynvml) -> int:
    """Memory of all GPUs that say how much they have; those that share the machine's don't."""
    count, _ = connect(nvml)
    if not count:
        return 0
    total = 0
    for index in range(count):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            size = int(getattr(nvml.nvmlDeviceGetMemoryInfo(handle), what))
        except pynvml.NVMLError:
            continue
        total += size if size != _NO_SIZE else 0
    nvml.nvmlShutdown()
    return total
