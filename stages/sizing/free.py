"""The memory that is free for models just now."""

from __future__ import annotations

from pathlib import Path

import psutil

from stages.machine import memory_left_bytes


def free_bytes(root: Path = Path("/")) -> int:
    """Memory of the machine, as far as this process's groups leave it."""
    return min(int(psutil.virtual_memory().available), memory_left_bytes(root))
