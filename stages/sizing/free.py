"""The memory that is free for models just now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pynvml

from stages.machine import memory_left_bytes
from stages.sizing.gpu import gpu_bytes


def free_bytes(root: Path = Path("/"), nvml: Any = pynvml) -> int:
    """Memory of the machine that this process's groups leave, and that of its NVIDIA GPUs."""
    here = min(int(psutil.virtual_memory().available), memory_left_bytes(root))
    return here + gpu_bytes("free", nvml)
