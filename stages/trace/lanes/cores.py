"""CPU time, frequency and throttling of each logical core; Linux."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from stages.trace.clock import SECOND
from stages.trace.lanes.core_files import CoreFiles
from stages.trace.lanes.core_frequency import CoreFrequency
from stages.trace.lanes.lane import KeptFile, LaneMissing, Note
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = (
    "t_ns",
    "core",
    "user_ns",
    "system_ns",
    "idle_ns",
    "steal_ns",
    "frequency_hz",
    "throttles",
    "throttled_ns",
)

_THROTTLE = "thermal_throttle/core_throttle"
_HINTS = {
    "frequency": "",
    "throttles": " (Intel's processors count it, virtual machines and containers hide it)",
    "throttled time": " (Intel's processors count it since Linux 5.5)",
}


class CoresLane:
    """A row for each core that is online, from ``/proc/stat`` (proc(5)) and sysfs.

    What can't be read is null, noted for the first core that lacks it, and not asked for again
    where all cores lack it.
    """

    name = "cores"
    table = "trace_core"
    columns = COLUMNS
    period_s = 1.0

    def __init__(self, note: Note, root: Path = Path("/")) -> None:
        self._note = note
        self._path = root / "proc/stat"
        self._tick_ns = SECOND // os.sysconf("SC_CLK_TCK")
        self._parts: dict[str, CoreFiles | CoreFrequency] = {
            "frequency": CoreFrequency(root),
            "throttles": CoreFiles(f"{_THROTTLE}_count", 1, root),
            "throttled time": CoreFiles(f"{_THROTTLE}_total_time_ms", 1_000_000, root),
        }
        self._told: set[str] = set()

    def open(self) -> None:
        """Open ``/proc/stat``."""
        self._stat = KeptFile(self._path)

    def read(self, t_ns: int) -> list[Row]:
        """A row for each core."""
        spent = self._spent()
        if not spent:
            raise LaneMissing(f"{self._path} tells nothing of single cores")
        figures = [self._part(part, spent.keys()) for part in _HINTS]
        return [
            (t_ns, core, *times, *(figure_of[core] for figure_of in figures))
            for core, times in spent.items()
        ]

    def close(self) -> None:
        """Close every file."""
        self._stat.close()
        for part in self._parts.values():
            part.close()

    def _spent(self) -> dict[int, tuple[int, int, int, int]]:
        """Time in user mode, in the kernel, idle and stolen, by core."""
        found = {}
        tick_ns = self._tick_ns
        for line in self._stat.read().splitlines()[1:]:
            if not line.startswith(b"cpu"):
                break
            core, *ticks = line.split(None, 9)
            # user and nice hold the guests' time already
            user, nice, system, idle, iowait, irq, softirq, steal = map(int, ticks[:8])
            found[int(core[3:])] = (
                (user + nice) * tick_ns,
                (system + irq + softirq) * tick_ns,
                (idle + iowait) * tick_ns,
                steal * tick_ns,
            )
        return found

    def _part(self, name: str, cores: Collection[int]) -> dict[int, int | None]:
        if (part := self._parts.get(name)) is None:
            return dict.fromkeys(cores)
        found = part.read(cores)
        missing = sum(value is None for value in found.values())
        if missing and name not in self._told:
            self._told.add(name)
            self._note("lane_missing", self.name, name, None, f"{part.fault}{_HINTS[name]}")
        if missing == len(found):
            self._parts.pop(name).close()
        return found
