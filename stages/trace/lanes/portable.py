"""The lanes through psutil, for systems without Linux's /proc; what a system lacks is null."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import psutil

from stages.trace.lanes import disk, network, system
from stages.trace.lanes.lane import LaneMissing
from stages.trace.lanes.process import Reading
from stages.trace.log import Row

_GONE = "it has ended"


class PortableSystem:
    """CPU time and memory of the machine."""

    name = "system"
    table = "trace_system"
    columns = system.COLUMNS

    def open(self) -> None:
        """Nothing stays open."""

    def read(self, t_ns: int) -> list[Row]:
        """One row."""
        cpu = psutil.cpu_times()
        memory = psutil.virtual_memory()
        kernel = sum(getattr(cpu, name, 0.0) for name in ("system", "irq", "softirq", "dpc"))
        if sys.platform == "win32":
            kernel = cpu.system  # holds interrupts and deferred calls there
        return [
            (
                t_ns,
                _ns(cpu.user + getattr(cpu, "nice", 0.0)),
                _ns(kernel),
                _ns(cpu.idle),
                _ns(getattr(cpu, "iowait", None)),
                _ns(getattr(cpu, "steal", None)),
                memory.total,
                memory.available,
                psutil.swap_memory().used,
                None,
                None,
                psutil.cpu_stats().ctx_switches,
            )
        ]

    def close(self) -> None:
        """Nothing stays open."""


class PortableDisk:
    """Bytes and requests of each disk."""

    name = "disk"
    table = "trace_disk"
    columns = disk.COLUMNS

    def open(self) -> None:
        """Ask once whether the system counts at all."""
        if not psutil.disk_io_counters(perdisk=True):
            raise LaneMissing("the system counts no disks; on Windows `diskperf -y` starts it")

    def read(self, t_ns: int) -> list[Row]:
        """A row for each disk."""
        return [
            (
                t_ns,
                name,
                counters.read_bytes,
                counters.write_bytes,
                counters.read_count,
                counters.write_count,
                None,
            )
            for name, counters in psutil.disk_io_counters(perdisk=True, nowrap=False).items()
        ]

    def close(self) -> None:
        """Nothing stays open."""


class PortableNetwork:
    """Bytes through each interface."""

    name = "network"
    table = "trace_network"
    columns = network.COLUMNS

    def __init__(self) -> None:
        self._loopback: dict[str, bool] = {}

    def open(self) -> None:
        """Nothing stays open."""

    def read(self, t_ns: int) -> list[Row]:
        """A row for each interface."""
        counters = psutil.net_io_counters(pernic=True, nowrap=False)
        if counters.keys() - self._loopback.keys():
            for name, addresses in psutil.net_if_addrs().items():
                self._loopback[name] = any(_is_loopback(entry.address) for entry in addresses)
        return [
            (t_ns, name, self._loopback.get(name), entry.bytes_recv, entry.bytes_sent)
            for name, entry in counters.items()
        ]

    def close(self) -> None:
        """Nothing stays open."""


class PortableProcess:
    """One process; psutil tells it from another with the same number by its time of creation."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.denied: str | None = None
        try:
            self._process: Any = psutil.Process(pid)  # its methods depend on the system
            self.created_ns = _ns(self._process.create_time() - psutil.boot_time()) or 0
            self.parent = self._process.ppid()
            self._io = hasattr(self._process, "io_counters")
            if not self._io:
                self.denied = "bytes read and written: the system doesn't count them by process"
            self._process.cpu_times()
        except psutil.NoSuchProcess as error:
            raise ProcessLookupError(_GONE) from error
        except psutil.AccessDenied as error:
            raise PermissionError(f"the system shows nothing of process {pid}") from error

    def clock_ns(self) -> int | None:
        """No clock of its own."""
        return None

    def read(self, clock_ns: int | None) -> Reading:  # noqa: ARG002 (Linux's has one)
        """CPU time, memory, faults, threads and bytes."""
        try:
            # The number may be another process's by now, which oneshot() would answer for.
            if not self._process.is_running():
                raise ProcessLookupError(_GONE)
            with self._process.oneshot():
                if self._process.status() == psutil.STATUS_ZOMBIE:
                    raise ProcessLookupError(_GONE)
                cpu = self._process.cpu_times()
                io = self._counters()
                return Reading(
                    cpu_ns=_ns(cpu.user + cpu.system),
                    rss_bytes=self._process.memory_info().rss,
                    read_bytes=io.get("read_bytes"),
                    written_bytes=io.get("write_bytes"),
                    read_chars=io.get("read_chars"),
                    written_chars=io.get("write_chars"),
                    minor_faults=None,
                    major_faults=None,
                    threads=self._process.num_threads(),
                )
        except psutil.NoSuchProcess as error:
            raise ProcessLookupError(_GONE) from error
        except psutil.AccessDenied:
            return Reading(*[None] * len(Reading._fields))

    def switches(self) -> tuple[int, int] | None:
        """Context switches; null where the system keeps one figure for both kinds (macOS)."""
        with suppress(psutil.Error):
            voluntary, involuntary = self._process.num_ctx_switches()
            return None if sys.platform in {"darwin", "win32"} else (voluntary, involuntary)
        return None

    def close(self) -> None:
        """Nothing stays open."""

    def _counters(self) -> dict[str, Any]:
        if self._io:
            with suppress(psutil.AccessDenied):
                return dict(self._process.io_counters()._asdict())
        return {}


class PortableProcesses:
    """The system's processes."""

    def open(self, pid: int) -> PortableProcess:
        """A process by its number."""
        return PortableProcess(pid)

    def pids(self) -> set[int]:
        """Every process."""
        return set(psutil.pids())

    def words(self, pid: int) -> str:
        """A command line, its words one after another."""
        try:
            return " ".join(psutil.Process(pid).cmdline())
        except psutil.Error as error:
            raise ProcessLookupError(_GONE) from error

    def parent(self, pid: int) -> int | None:
        """The process that began it; null once it has ended."""
        with suppress(psutil.Error):
            return int(psutil.Process(pid).ppid())
        return None

    def descendants(self, pids: Collection[int]) -> Iterable[int]:
        """Processes below these, parents first."""
        found: dict[int, None] = {}
        for pid in pids:
            with suppress(psutil.Error):
                children = psutil.Process(pid).children(recursive=True)
                found.update((child.pid, None) for child in children if child.pid not in pids)
        return found

    def remote_sockets(self, pids: Sequence[int]) -> dict[int, int]:
        """Sockets with a peer beyond loopback, by process."""
        counts = {}
        for pid in pids:
            with suppress(psutil.Error):
                peers = [entry.raddr for entry in psutil.Process(pid).net_connections("inet")]
                counts[pid] = sum(bool(peer) and not _is_loopback(peer.ip) for peer in peers)
        return counts


def _ns(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e9)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False  # a hardware address
