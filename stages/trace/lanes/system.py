"""CPU time and memory of the whole machine, from Linux's /proc."""

from __future__ import annotations

import os
from pathlib import Path

from stages.trace.lanes.lane import KeptFile, Note, why
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = (
    "t_ns",
    "cpu_user_ns",
    "cpu_system_ns",
    "cpu_idle_ns",
    "cpu_iowait_ns",
    "cpu_steal_ns",
    "memory_total_bytes",
    "memory_available_bytes",
    "swap_used_bytes",
    "minor_faults",
    "major_faults",
    "context_switches",
)


class SystemLane:
    """``/proc/stat``, ``/proc/meminfo`` and ``/proc/vmstat`` (proc(5)); one row a tick."""

    name = "system"
    table = "trace_system"
    columns = COLUMNS

    def __init__(self, note: Note, proc: Path = Path("/proc")) -> None:
        self._note = note
        self._proc = proc
        self._tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        self._files: list[KeptFile] = []
        self._faults: KeptFile | None = None

    def open(self) -> None:
        """Open the three files; without vmstat (some containers) only the faults are null."""
        self._files = [KeptFile(self._proc / "stat")]
        self._files.append(KeptFile(self._proc / "meminfo"))
        try:
            self._faults = KeptFile(self._proc / "vmstat")
        except OSError as error:
            self._note("lane_missing", self.name, "page faults", None, why(error))

    def read(self, t_ns: int) -> list[Row]:
        """One row."""
        stat, meminfo = (file.read() for file in self._files)
        cpu = stat[: stat.index(b"\n")].split()[1:]
        # user and nice hold the guests' time already
        user, nice, system, idle, iowait, irq, softirq, steal = (int(field) for field in cpu[:8])
        faults = self._faults.read() if self._faults else b""
        major, both = number(faults, b"\npgmajfault "), number(faults, b"\npgfault ")
        total, free = kib(meminfo, b"SwapTotal:"), kib(meminfo, b"\nSwapFree:")
        return [
            (
                t_ns,
                (user + nice) * self._tick_ns,
                (system + irq + softirq) * self._tick_ns,
                idle * self._tick_ns,
                iowait * self._tick_ns,
                steal * self._tick_ns,
                kib(meminfo, b"MemTotal:"),
                kib(meminfo, b"\nMemAvailable:"),
                None if total is None or free is None else total - free,
                None if both is None or major is None else both - major,
                major,
                number(stat, b"\nctxt "),
            )
        ]

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()
        if self._faults:
            self._faults.close()


def number(text: bytes, name: bytes) -> int | None:
    """The integer that follows ``name`` in a kernel file; null where there is none."""
    start = text.find(name)
    if start < 0:
        return None
    start += len(name)
    end = text.find(b"\n", start)
    return int(text[start : end if end >= 0 else None].split()[0])


def kib(text: bytes, name: bytes) -> int | None:
    """The same for a figure in kB, as bytes."""
    value = number(text, name)
    return None if value is None else value * 1024
