"""CPU time and memory of the whole machine, from Linux's /proc."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from stages.trace.clock import SECOND
from stages.trace.lanes.lane import KeptFile, Note, Rows, why
from stages.trace.lanes.tenths import Tenths
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
    "swapped_in_bytes",
    "swapped_out_bytes",
    "context_switches",
)

_NOT_READ = (None,) * (len(COLUMNS) - 1)
_NO_PAGING = (None, None, None, None)


class SystemLane:
    """``/proc/stat``, ``/proc/meminfo`` and ``/proc/vmstat`` (proc(5)); one row a tick.

    The kernel adds up all cores for each of them, and counts CPU time in hundredths of a second:
    the first two are read ten times a second, vmstat once. Figures are null in the rows between,
    which tell that the tracer was awake.
    """

    name = "system"
    table = "trace_system"
    columns = COLUMNS
    period_s = 0.0

    def __init__(self, note: Note, proc: Path = Path("/proc")) -> None:
        self._note = note
        self._proc = proc
        self._tick_ns = SECOND // os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._vmstat: KeptFile | None = None
        self._vmstat_ns = 0
        self._tenths = Tenths()

    def open(self) -> None:
        """Open the three files; without vmstat (some containers) its figures are null."""
        self._stat = KeptFile(self._proc / "stat")
        self._meminfo = KeptFile(self._proc / "meminfo")
        try:
            self._vmstat = KeptFile(self._proc / "vmstat")
        except OSError as error:
            self._note("lane_missing", self.name, "page faults and swapping", None, why(error))

    def read(self, t_ns: int) -> Rows:
        """One row."""
        if not self._tenths.due(t_ns):
            return ((t_ns, *_NOT_READ),)
        vmstat = None
        if self._vmstat and t_ns - self._vmstat_ns >= SECOND:
            vmstat, self._vmstat_ns = self._vmstat.read(), t_ns
        return partial(self._rows, t_ns, self._stat.read(), self._meminfo.read(), vmstat)

    def read_all_next(self) -> None:
        """Have the next row be whole."""
        self._tenths.at_once()

    def close(self) -> None:
        """Close the files."""
        for file in (self._stat, self._meminfo, self._vmstat):
            if file:
                file.close()

    def _rows(self, t_ns: int, stat: bytes, meminfo: bytes, vmstat: bytes | None) -> list[Row]:
        cpu = stat[: stat.index(b"\n")].split()[1:]
        # user and nice hold the guests' time already
        user, nice, system, idle, iowait, irq, softirq, steal = map(int, cpu[:8])
        tick_ns = self._tick_ns
        return [
            (
                t_ns,
                (user + nice) * tick_ns,
                (system + irq + softirq) * tick_ns,
                idle * tick_ns,
                iowait * tick_ns,
                steal * tick_ns,
                *_memory(meminfo),
                *(_NO_PAGING if vmstat is None else self._paging(vmstat)),
                number(stat, b"\nctxt "),
            )
        ]

    def _paging(self, vmstat: bytes) -> tuple[int | None, int | None, int | None, int | None]:
        """Minor and major faults, bytes swapped in and out."""
        major, both = number(vmstat, b"\npgmajfault "), number(vmstat, b"\npgfault ")
        into, out = number(vmstat, b"\npswpin "), number(vmstat, b"\npswpout ")
        return (
            None if both is None or major is None else both - major,
            major,
            None if into is None else into * self._page,
            None if out is None else out * self._page,
        )


def _memory(meminfo: bytes) -> tuple[int | None, int | None, int | None]:
    """Memory in all and available, swap used."""
    total, free = kib(meminfo, b"\nSwapTotal:"), kib(meminfo, b"\nSwapFree:")
    return (
        kib(meminfo, b"MemTotal:"),
        kib(meminfo, b"\nMemAvailable:"),
        None if total is None or free is None else total - free,
    )


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
