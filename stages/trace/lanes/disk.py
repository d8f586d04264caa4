"""Bytes, requests and busy time of whole disks, from Linux's /proc/diskstats."""

from __future__ import annotations

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
)

_SECTOR = 512  # of diskstats, whatever the device's own sector is


class DiskLane:
    """One row a tick and disk.

    Only devices with hardware below them: no partitions, and none of loop, ram, zram, md and
    device-mapper, whose bytes would be counted a second time or never reach a disk.
    """

    name = "disk"
    table = "trace_disk"
    columns = COLUMNS

    def __init__(self, root: Path = Path("/")) -> None:
        self._stats = root / "proc/diskstats"
        self._blocks = root / "sys/block"
        self._whole: dict[bytes, bool] = {}

    def open(self) -> None:
        """Open diskstats, where there is a disk at all."""
        if not self._blocks.is_dir():
            raise LaneMissing(f"{self._blocks} is missing: it tells disks from partitions")
        self._file = KeptFile(self._stats)
        if not self.read(0):
            self._file.close()
            raise LaneMissing("no disk with hardware of its own is visible (a container?)")

    def read(self, t_ns: int) -> list[Row]:
        """A row for each disk."""
        rows: list[Row] = []
        for line in self._file.read().splitlines():
            fields = line.split()
            device = fields[2]
            whole = self._whole.get(device)
            if whole is None:
                whole = self._whole[device] = self._is_disk(device.decode("utf-8", "replace"))
            if whole:
                reads, _, read, _, writes, _, written, _, _, busy_ms = map(int, fields[3:13])
                name = device.decode("utf-8", "replace")
                rows.append(
                    (t_ns, name, read * _SECTOR, written * _SECTOR, reads, writes, busy_ms * 10**6)
                )
        return rows

    def close(self) -> None:
        """Close diskstats."""
        self._file.close()

    def _is_disk(self, device: str) -> bool:
        # the kernel writes "!" for a slash in a name; partitions aren't listed in /sys/block
        entry = self._blocks / device.replace("/", "!")
        return entry.exists() and "/devices/virtual/block/" not in str(entry.resolve())
