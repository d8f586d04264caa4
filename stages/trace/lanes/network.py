"""Bytes through the network interfaces, from Linux's /proc/net/dev."""

from __future__ import annotations

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

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._loopback: dict[str, bool] = {}

    def open(self) -> None:
        """Open the kernel's table of interfaces."""
        self._file = KeptFile(self._root / "proc/self/net/dev")

    def read(self, t_ns: int) -> list[Row]:
        """A row for each interface."""
        rows: list[Row] = []
        for line in self._file.read().splitlines()[2:]:
            # the name may itself hold colons (aliases), the figures never do
            name, _, figures = line.rpartition(b":")
            fields = figures.split()
            interface = name.strip().decode("utf-8", "replace")
            rows.append(
                (t_ns, interface, self._is_loopback(interface), int(fields[0]), int(fields[8]))
            )
        return rows

    def close(self) -> None:
        """Close the table."""
        self._file.close()

    def _is_loopback(self, interface: str) -> bool:
        known = self._loopback.get(interface)
        if known is None:
            try:
                flags = (self._root / "sys/class/net" / interface / "flags").read_text()
                known = bool(int(flags, 16) & _IFF_LOOPBACK)
            except (OSError, ValueError):
                known = interface == "lo"
            self._loopback[interface] = known
        return known
