"""The memory that is free for models just now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pynvml

from stages.machine import memory_left_bytes
from stages.trace.nvml import connect

_NO_SIZE = 2**64 - 1  # the driver's way to say that it doesn't know (NVML_VALUE_NOT_AVAILABLE)


def free_bytes(root: Path = Path("/"), nvml: Any = pynvml) -> int:
    """Memory of the machine that this process's groups leave, and that of its NVIDIA GPUs."""
    here = min(int(psutil.virtual_memory().available), memory_left_bytes(root))
    return here + _gpu_bytes(nvml)


def _gpu_bytes(nvml: Any) -> int:
    count, _ = connect(nvml)
    if not count:
        return 0
    total = 0
    for index in range(count):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            free = int(nvml.nvmlDeviceGetMemoryInfo(handle).free)
        except pynvml.NVMLError:
            continue
        total += free if free != _NO_SIZE else 0
    nvml.nvmlShutdown()
    return total
