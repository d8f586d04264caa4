"""Bytes, requests, busy and waiting time of whole disks, from Linux's /proc/diskstats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from stages.trace.lanes.lane import KeptFile, LaneMissing
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = (
    "t_ns",
    "device",
    "read_bytes",
    "written_bytes",
    "reads",
    "writes",
    "busy_ns",
    "queue_ns",
)

_SECTOR = 512  # of diskstats, whatever the device's own sector is
_MS = 1_000_000


class DiskLane:
    """One row a tick and disk.

    Only devices with hardware below them: no partitions, and none of loop, ram, zram, md and
    device-mapper, whose bytes would be counted a second time or never reach a disk.
    """

    name = "disk"
    table = "trace_disk"
    columns = COLUMNS
    period_s = 0.25

    def __init__(self, root: Path = Path("/")) -> None:
        self._stats = root / "proc/diskstats"
        self._blocks = root / "sys/block"
        self._names: dict[bytes, str] = {}

    def open(self) -> None:
        """Open diskstats, where there is a disk at all."""
        if not self._blocks.is_dir():
            raise LaneMissing(f"{self._blocks} is missing: it tells disks from partitions")
        self._file = KeptFile(self._stats)
        if not self.read(0)():
            self._file.close()
            raise LaneMissing("no disk with hardware of its own is visible (a container?)")

    def read(self, t_ns: int) -> Callable[[], list[Row]]:
        """A row for each disk."""
        return partial(self._rows, t_ns, self._file.read())

    def close(self) -> None:
        """Close diskstats."""
        self._file.close()

    def _rows(self, t_ns: int, stats: bytes) -> list[Row]:
        rows: list[Row] = []
        lines = stats.splitlines()
        if len(self._names) > len(lines):
            self._names.clear()  # one is gone, and its name is free for another
        for line in lines:
            _, _, device, *more = line.split(None, 3)
            name = self._names.get(device)
            if name is None:
                name = self._names[device] = self._name(device)
            figures = more[0].split(None, 11)[:11] if name and more else ()
            if len(figures) == 11:
                reads, _, read, _, writes, _, written, _, _, busy, queue = map(int, figures)
                size = (read * _SECTOR, written * _SECTOR)
                rows.append((t_ns, name, *size, reads, writes, busy * _MS, queue * _MS))
        return rows

    def _name(self, device: bytes) -> str:
        """A disk's name; empty for what is none."""
        name = device.decode("utf-8", "replace")
        # the kernel writes "!" for a slash in a name; partitions aren't listed in /sys/block
        entry = self._blocks / name.replace("/", "!")
        is_disk = entry.exists() and "/devices/virtual/block/" not in str(entry.resolve())
        return name if is_disk else ""
