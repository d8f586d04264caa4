"""What a model needs, written behind its name in a preset for a reader and for the program.

``deepseek-r1-7b:  # 4.7 GB on disk, 5.4 GB in memory``. GB are 10⁹ bytes, as Ollama lists them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_GB = 1_000_000_000
_REMARK = re.compile(
    r"#\s*(\d{1,6}(?:\.\d{1,3})?) GB on disk, (\d{1,6}(?:\.\d{1,3})?) GB in memory\b"
)


@dataclass(frozen=True)
class Size:
    """What a model needs: its download, and memory with the context that it is given (bytes)."""

    disk_bytes: int
    memory_bytes: int


def needed(size: int) -> str:
    """A size in GB, rounded up to a tenth: what is needed is never said too small."""
    return f"{math.ceil(10 * size / _GB) / 10:.1f} GB"


def available(size: int) -> str:
    """A size in GB, rounded down to a tenth: what there is is never said too large."""
    return f"{10 * size // _GB / 10:.1f} GB"


def remark(size: Size) -> str:
    """The remark, as ``size_in`` reads it; the download is rounded to the nearest tenth."""
    return f"{size.disk_bytes / _GB:.1f} GB on disk, {needed(size.memory_bytes)} in memory"


def size_in(line: str) -> Size | None:
    """The sizes that a line of YAML remarks on; null where it doesn't."""
    found = _REMARK.search(line)
    return Size(round(float(found[1]) * _GB), round(float(found[2]) * _GB)) if found else None
