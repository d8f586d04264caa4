"""Bytes through the network interfaces, from Linux's /proc/net/dev."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from stages.trace.lanes.lane import KeptFile
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = ("t_ns", "interface", "loopback", "received_bytes", "sent_bytes")

_IFF_LOOPBACK = 0x8  # netdevice(7)


class NetworkLane:
    """One row a tick and interface of this process's network namespace."""

    name = "network"
    table = "trace_network"
    columns = COLUMNS
    period_s = 0.25

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._known: dict[bytes, tuple[str, bool]] = {}

    def open(self) -> None:
        """Open the kernel's table of interfaces."""
        self._file = KeptFile(self._root / "proc/self/net/dev")

    def read(self, t_ns: int) -> Callable[[], list[Row]]:
        """A row for each interface."""
        return partial(self._rows, t_ns, self._file.read())

    def close(self) -> None:
        """Close the table."""
        self._file.close()

    def _rows(self, t_ns: int, table: bytes) -> list[Row]:
        rows: list[Row] = []
        lines = table.splitlines()[2:]
        if len(self._known) > len(lines):
            self._known.clear()  # one is gone, and its name is free for another
        for line in lines:
            # the name may itself hold colons (aliases), the figures never do
            name, _, figures = line.rpartition(b":")
            known = self._known.get(name)
            if known is None:
                known = self._known[name] = self._interface(name)
            fields = figures.split(None, 9)
            rows.append((t_ns, *known, int(fields[0]), int(fields[8])))
        return rows

    def _interface(self, padded: bytes) -> tuple[str, bool]:
        """Its name, and whether it is a loopback."""
        name = padded.strip().decode("utf-8", "replace")
        try:
            flags = (self._root / "sys/class/net" / name / "flags").read_text()
            return name, bool(int(flags, 16) & _IFF_LOOPBACK)
        except (OSError, ValueError):
            return name, name == "lo"
