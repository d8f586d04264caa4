"""The memory that this machine has for models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pynvml

from stages.machine import usable_memory_bytes
from stages.sizing.gpu import gpu_bytes
from stages.sizing.remark import available

_SYSTEM_BYTES = 2_000_000_000  # stays free: the system, DVC and what else is open
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

    @property
    def together_bytes(self) -> int:
        """What several models may take at once.

        Beside others Ollama loads one only where all of it fits on a GPU, if there is any (its
        scheduler, v0.24: ``requireFull``); else it makes the others go.
        """
        return self.gpu_bytes or self.memory_bytes

    def __str__(self) -> str:
        gpu = f" and {available(self.gpu_bytes)} of GPU memory" if self.gpu_bytes else ""
        return f"{available(self.memory_bytes)} of memory{gpu}"


def capacity(nvml: Any = pynvml) -> Capacity:
    """What models may take here."""
    memory = max(0, usable_memory_bytes() - _SYSTEM_BYTES)
    return Capacity(memory, int(_GPU_SHARE * gpu_bytes("total", nvml)))
