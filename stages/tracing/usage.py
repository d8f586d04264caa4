"""What ended processes used, by the sums that the kernel keeps for whoever waits for them.

They hold every descendant that was waited for, however short it lived. CPU time, the largest
memory, faults and switches are in what wait4(2) hands over. The bytes are not: but the kernel adds
those of a process, with all that it has waited for, to whoever waits for it, so that here they are
by how much ``/proc/self/io`` grows in that moment.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from stages.trace.lanes.here import peak_memory_bytes
from stages.trace.lanes.lane import why

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU time, bytes and counts. ``largest_bytes`` is the peak of one process.

    Bytes are null where the system doesn't tell, for which ``io_reason`` says why.
    ``largest_bytes`` is null where it was smaller than this process, whose memory the kernel's
    figure begins with.
    """

    user_s: float
    system_s: float
    largest_bytes: int | None
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int
    read_bytes: int | None
    written_bytes: int | None
    read_chars: int | None
    written_chars: int | None
    io_reason: str | None

    def __add__(self, other: Usage) -> Usage:
        """What both used."""
        both: dict[str, Any] = {}
        for name in (field.name for field in fields(self)):
            mine, others = getattr(self, name), getattr(other, name)
            if name == "largest_bytes":
                both[name] = max((n for n in (mine, others) if n is not None), default=None)
            elif name == "io_reason":
                both[name] = mine or others
            else:
                both[name] = None if mine is None or others is None else mine + others
        return Usage(**both)


def reap(pid: int, options: int = 0) -> tuple[int, Usage] | None:
    """Wait for a child: its exit status (-N: killed by signal N) and what it used.

    ``options`` are those of wait4(2); null where one of them had it not wait.
    """
    before, reason = _io()
    waited, status, used = os.wait4(pid, options)
    if not waited:
        return None
    after, _ = _io()
    grown = {name: after[name] - before[name] for name in _IO} if before and after else {}
    largest = used.ru_maxrss * _MAXRSS_UNIT
    usage = Usage(
        user_s=used.ru_utime,
        system_s=used.ru_stime,
        largest_bytes=largest if largest > (peak_memory_bytes() or 0) else None,
        minor_faults=used.ru_minflt,
        major_faults=used.ru_majflt,
        voluntary_switches=used.ru_nvcsw,
        involuntary_switches=used.ru_nivcsw,
        read_bytes=grown.get("read_bytes"),
        written_bytes=grown.get("written_bytes"),
        read_chars=grown.get("read_chars"),
        written_chars=grown.get("written_chars"),
        io_reason=reason,
    )
    return os.waitstatus_to_exitcode(status), usage


_IO = {
    "read_bytes": b"read_bytes",
    "written_bytes": b"write_bytes",
    "read_chars": b"rchar",
    "written_chars": b"wchar",
}


def _io() -> tuple[dict[str, int] | None, str | None]:
    """This process's bytes with those of what it has waited for, once this reading is done."""
    if sys.platform != "linux":
        return None, "the system keeps no sum of the bytes of ended processes"
    try:
        text = Path("/proc/self/io").read_bytes()
        counts = dict(line.split(b": ") for line in text.splitlines())
        found = {name: int(counts[key]) for name, key in _IO.items()}
    except (OSError, LookupError, ValueError) as error:
        return None, f"{why(error)}; the kernel needs CONFIG_TASK_IO_ACCOUNTING"
    found["read_chars"] += len(text)
    return found, None
