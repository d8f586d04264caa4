"""The processes through psutil, for systems without Linux's /proc; what a system lacks is null."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any

import psutil

from stages.trace.lanes.portable import is_loopback, to_ns
from stages.trace.lanes.processes import Reading

_GONE = "it has ended"


class PortableProcess:
    """One process; psutil tells it from another with the same number by its time of creation."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.denied: str | None = None
        try:
            self._process: Any = psutil.Process(pid)  # its methods depend on the system
            self.created_ns = to_ns(self._process.create_time() - psutil.boot_time()) or 0
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

    def read(
        self,
        clock_ns: int | None,  # noqa: ARG002 (Linux's has one)
        in_full: bool,
    ) -> Callable[[], Reading]:
        """CPU time, and the rest if asked for; it is read at once."""
        reading = self._reading(in_full)
        return lambda: reading

    def switches(self) -> tuple[int, int] | None:
        """Context switches; null where the system keeps one figure for both kinds (macOS)."""
        with suppress(psutil.Error):
            voluntary, involuntary = self._process.num_ctx_switches()
            return None if sys.platform in {"darwin", "win32"} else (voluntary, involuntary)
        return None

    def pss_bytes(self) -> int | None:
        """No system but Linux divides shared pages among their users."""
        return None

    def close(self) -> None:
        """Nothing stays open."""

    def _reading(self, in_full: bool) -> Reading:
        try:
            # The number may be another process's by now, which oneshot() would answer for.
            if not self._process.is_running():
                raise ProcessLookupError(_GONE)
            with self._process.oneshot():
                if self._process.status() == psutil.STATUS_ZOMBIE:
                    raise ProcessLookupError(_GONE)
                cpu = self._process.cpu_times()
                io = self._counters() if in_full else {}
                return Reading(
                    cpu_ns=to_ns(cpu.user + cpu.system),
                    rss_bytes=self._process.memory_info().rss if in_full else None,
                    read_bytes=io.get("read_bytes"),
                    written_bytes=io.get("write_bytes"),
                    read_chars=io.get("read_chars"),
                    written_chars=io.get("write_chars"),
                    minor_faults=None,
                    major_faults=None,
                    threads=self._process.num_threads() if in_full else None,
                    children_cpu_ns=None,
                )
        except psutil.NoSuchProcess as error:
            raise ProcessLookupError(_GONE) from error
        except psutil.AccessDenied:
            return Reading(*[None] * len(Reading._fields))

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
                counts[pid] = sum(bool(peer) and not is_loopback(peer.ip) for peer in peers)
        return counts
