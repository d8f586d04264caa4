"""One process from Linux's /proc, and which processes descend from others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from stages.trace.lanes.lane import KeptFile, why
from stages.trace.lanes.process import Reading
from stages.trace.lanes.sockets import remote_sockets
from stages.trace.lanes.system import number

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """What is used of ``/proc/PID/stat`` (proc(5)); times in clock ticks, memory in pages."""

    state: bytes
    parent: int
    minor_faults: int
    major_faults: int
    cpu_ticks: int
    threads: int
    start_ticks: int
    rss_pages: int


def parse_stat(text: bytes) -> Stat:
    """Read a line of ``/proc/PID/stat``.

    The name stands in parentheses and may itself hold any byte, also spaces and parentheses, so
    the fields are counted from the last one. Raises ``ProcessLookupError`` for an empty line.
    """
    fields = text[text.rfind(b")") + 1 :].split()
    if len(fields) < 22:
        raise ProcessLookupError("it has ended")
    return Stat(
        state=fields[0],
        parent=int(fields[1]),
        minor_faults=int(fields[7]),
        major_faults=int(fields[9]),
        cpu_ticks=int(fields[11]) + int(fields[12]),
        threads=int(fields[17]),
        start_ticks=int(fields[19]),
        rss_pages=int(fields[21]),
    )


def cpu_clock(pid: int) -> int:
    """CPU time of a process in ns by its clock, as clock_getcpuclockid(3) names it.

    Works across users. Raises ``OSError`` where there is no such process or no such clock.
    """
    return time.clock_gettime_ns((~pid) << 3 | 2)


class LinuxProcess:
    """A process by kept descriptors: the kernel ties them to it, not to its number."""

    def __init__(self, pid: int, proc: Path, clock: Callable[[int], int] = cpu_clock) -> None:
        self.pid = pid
        self.denied: str | None = None
        self._home = proc / str(pid)
        self._clock: Callable[[int], int] | None = clock
        self._io: KeptFile | None = None
        self._threads: dict[bytes, tuple[int, int]] = {}
        self._ended_threads = (0, 0)
        self._stat = KeptFile(self._home / "stat")
        try:
            first = parse_stat(self._stat.read())
            self._open_io()
        except OSError:
            self.close()
            raise
        self.created_ns = first.start_ticks * _TICK_NS
        self.parent = first.parent
        try:
            clock(pid)
        except OSError:
            self._clock = None  # from here on by clock ticks: the two must not mix

    def clock_ns(self) -> int | None:
        """CPU time by the process's clock."""
        try:
            return self._clock(self.pid) if self._clock else None
        except OSError:
            return None  # it has ended, as read() will find

    def read(self, clock_ns: int | None) -> Reading:
        """CPU time, memory, faults, threads and bytes."""
        stat = parse_stat(self._stat.read())
        if stat.state in b"ZX":
            raise ProcessLookupError("it has ended")
        io = self._read_io()
        return Reading(
            cpu_ns=clock_ns if self._clock else stat.cpu_ticks * _TICK_NS,
            rss_bytes=stat.rss_pages * _PAGE,
            read_bytes=number(io, b"\nread_bytes:"),
            written_bytes=number(io, b"\nwrite_bytes:"),
            read_chars=number(io, b"rchar:"),
            written_chars=number(io, b"\nwchar:"),
            minor_faults=stat.minor_faults,
            major_faults=stat.major_faults,
            threads=stat.threads,
        )

    def switches(self) -> tuple[int, int] | None:
        """Context switches of all threads, the ended ones with their last known count.

        ``/proc/PID/status`` counts the first thread alone, so each thread is asked.
        """
        now: dict[bytes, tuple[int, int]] = {}
        try:
            for thread in os.listdir(os.fsencode(self._home / "task")):  # noqa: PTH208 (a third)
                if (counts := self._thread_switches(thread)) is not None:
                    now[thread] = counts
        except OSError:
            return None
        for thread, (voluntary, involuntary) in self._threads.items():
            if now.get(thread, (-1, -1)) < (voluntary, involuntary):
                ended = self._ended_threads
                self._ended_threads = (ended[0] + voluntary, ended[1] + involuntary)
        self._threads = now
        every = [self._ended_threads, *now.values()]
        return sum(count[0] for count in every), sum(count[1] for count in every)

    def close(self) -> None:
        """Close the descriptors."""
        self._stat.close()
        if self._io:
            self._io.close()

    def _thread_switches(self, thread: bytes) -> tuple[int, int] | None:
        try:
            status = (self._home / "task" / os.fsdecode(thread) / "status").read_bytes()
        except OSError:
            return None
        voluntary = number(status, b"\nvoluntary_ctxt_switches:")
        involuntary = number(status, b"\nnonvoluntary_ctxt_switches:")
        return None if voluntary is None or involuntary is None else (voluntary, involuntary)

    def _open_io(self) -> None:
        try:
            self._io = KeptFile(self._home / "io")
            self._io.read()
        except (PermissionError, FileNotFoundError) as error:
            parse_stat(self._stat.read())  # raises where the process has ended meanwhile
            if self._io:
                self._io.close()
                self._io = None
            self.denied = f"bytes read and written: {why(error)}"
            if isinstance(error, PermissionError):
                self.denied += "; run as the process's user or as root to read them"

    def _read_io(self) -> bytes:
        try:
            return self._io.read() if self._io else b""
        except PermissionError:  # it changed its user
            return b""


class LinuxProcesses:
    """The processes in ``/proc``."""

    def __init__(self, proc: Path = Path("/proc"), clock: Callable[[int], int] = cpu_clock) -> None:
        self._proc = proc
        self._clock = clock
        self._seen: set[int] = set()
        self._asked: set[int] = set()

    def open(self, pid: int) -> LinuxProcess:
        """A process by its number."""
        return LinuxProcess(pid, self._proc, self._clock)

    def pids(self) -> set[int]:
        """Every process."""
        return {int(name) for name in os.listdir(self._proc) if name.isdigit()}  # noqa: PTH208

    def words(self, pid: int) -> str:
        """A command line, its words one after another."""
        line = (self._proc / str(pid) / "cmdline").read_bytes()
        return line.replace(b"\0", b" ").decode("utf-8", "replace")

    def descendants(self, pids: Collection[int]) -> Iterable[int]:
        """Newly found processes below these.

        A process that was there the last time can have become nobody's child since, so only new
        ones are opened; all are when ``pids`` has gained a member, which may have children.
        """
        listed = self.pids()
        gained = not self._asked.issuperset(pids)
        parents = {pid: self.parent(pid) for pid in (listed if gained else listed - self._seen)}
        self._seen, self._asked = listed, set(pids)
        found: list[int] = []
        family = set(pids)
        while new := [p for p, parent in parents.items() if parent in family and p not in family]:
            found += new
            family.update(new)
        return found

    def remote_sockets(self, pids: Sequence[int]) -> dict[int, int]:
        """Sockets with a peer beyond loopback, by process."""
        return remote_sockets(pids, self._proc)

    def parent(self, pid: int) -> int | None:
        """The process that began it, or that took it over; null once it has ended."""
        try:
            return parse_stat((self._proc / str(pid) / "stat").read_bytes()).parent
        except OSError:
            return None
