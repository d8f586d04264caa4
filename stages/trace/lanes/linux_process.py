"""One process from Linux's /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from stages.trace.clock import SECOND
from stages.trace.lanes.lane import KeptFile, why
from stages.trace.lanes.processes import Reading
from stages.trace.lanes.system import kib, number

_PAGE = os.sysconf("SC_PAGE_SIZE")
_ENDED = "it has ended"
_NOT_READ = (None,) * (len(Reading._fields) - 1)
_TICK_NS = SECOND // os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """What is used of ``/proc/PID/stat`` (proc(5)); times in clock ticks."""

    state: bytes
    parent: int
    minor_faults: int
    major_faults: int
    cpu_ticks: int
    children_ticks: int
    threads: int
    start_ticks: int


def parse_stat(text: bytes) -> Stat:
    """Read a line of ``/proc/PID/stat``.

    The name stands in parentheses and may itself hold any byte, also spaces and parentheses, so
    the fields are counted from the last one. Raises ``ProcessLookupError`` for an empty line.
    """
    fields = text[text.rfind(b")") + 1 :].split(None, 20)
    if len(fields) < 20:
        raise ProcessLookupError(_ENDED)
    return Stat(
        fields[0],
        int(fields[1]),
        int(fields[7]),
        int(fields[9]),
        int(fields[11]) + int(fields[12]),
        int(fields[13]) + int(fields[14]),
        int(fields[17]),
        int(fields[19]),
    )


Clock = Callable[[], int]


def cpu_clock(pid: int) -> Clock:
    """CPU time of a process in ns by its clock, as clock_getcpuclockid(3) names it.

    Works across users. Reading it raises ``OSError`` where there is no such process or clock.
    """
    return partial(time.clock_gettime_ns, (~pid) << 3 | 2)


class LinuxProcess:
    """A process by kept descriptors: the kernel ties them to it, not to its number.

    Its clock alone is read at each tick: the files take the kernel several times as long.
    One that used no CPU time since it was last read in full has done nothing else either, and is
    read again only once a second: its memory may still have been taken away.
    """

    def __init__(self, pid: int, proc: Path, clock: Callable[[int], Clock] = cpu_clock) -> None:
        self.pid = pid
        self.denied: str | None = None
        self._home = proc / str(pid)
        self._clock: Clock | None = clock(pid)
        self._io: KeptFile | None = None
        self._last: Callable[[], Reading]
        self._last_clock: int | None = None
        self._idle_until_s = 0.0
        self._made: tuple[bytes, Reading] | None = None
        self._ended = False
        self._threads: dict[bytes, tuple[int, int]] = {}
        self._ended_threads = (0, 0)
        self._kept: list[KeptFile] = []
        try:
            self._stat, self._statm = self._keep("stat"), self._keep("statm")
            first = parse_stat(self._stat.read())
            self._open_io()
        except OSError:
            self.close()
            raise
        self.created_ns = first.start_ticks * _TICK_NS
        self.parent = first.parent
        try:
            self._clock()
        except OSError:
            self._clock = None  # from here on by clock ticks: the two must not mix

    def clock_ns(self) -> int | None:
        """CPU time by the process's clock."""
        try:
            return self._clock() if self._clock else None
        except OSError:
            return None  # it has ended, as read() will find

    def read(self, clock_ns: int | None, in_full: bool) -> Callable[[], Reading]:
        """CPU time; the rest if asked for, or where there is no clock to tell that it runs."""
        if not in_full and clock_ns is not None:
            return partial(self._brief, clock_ns)
        if clock_ns is not None and clock_ns == self._last_clock:
            now = time.monotonic()
            self._idle_until_s = self._idle_until_s or now + 1
            if now < self._idle_until_s:
                return self._last
        self._last_clock, self._idle_until_s = clock_ns, 0.0
        text, memory = self._stat.read_short(), self._statm.read_short()
        try:
            io = self._io.read_short() if self._io else b""
        except PermissionError:  # it changed its user
            io = b""
        self._last = partial(self._reading, clock_ns, text, memory, io)
        return self._last

    def _brief(self, clock_ns: int) -> Reading:
        if self._ended:
            raise ProcessLookupError(_ENDED)
        return Reading(clock_ns, *_NOT_READ)

    def _reading(self, clock_ns: int | None, text: bytes, memory: bytes, io: bytes) -> Reading:
        if self._ended:
            raise ProcessLookupError(_ENDED)
        if self._made is None or self._made[0] is not text:  # as it is of one that is idle
            self._made = text, self._make(clock_ns, text, memory, io)
        return self._made[1]

    def _make(self, clock_ns: int | None, text: bytes, memory: bytes, io: bytes) -> Reading:
        stat = parse_stat(text)
        if stat.state == b"X":
            raise ProcessLookupError(_ENDED)
        # A first thread that has ended shows as a zombie, too, while others go on.
        self._ended = stat.state == b"Z" and stat.threads <= 1
        return Reading(
            clock_ns if self._clock else stat.cpu_ticks * _TICK_NS,
            # stat's own figure is another one, by up to some MB
            int(memory.split(None, 2)[1]) * _PAGE,
            *_bytes_moved(io.split()),
            stat.minor_faults,
            stat.major_faults,
            stat.threads,
            stat.children_ticks * _TICK_NS,
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

    def pss_bytes(self) -> int | None:
        """From ``smaps_rollup``, for which the kernel goes through all its pages."""
        try:
            return kib((self._home / "smaps_rollup").read_bytes(), b"\nPss:")
        except OSError:
            return None

    def fileno(self) -> int:
        """One of its descriptors."""
        return self._stat.fileno()

    def close(self) -> None:
        """Close the descriptors."""
        for file in self._kept:
            file.close()

    def _thread_switches(self, thread: bytes) -> tuple[int, int] | None:
        try:
            status = (self._home / "task" / os.fsdecode(thread) / "status").read_bytes()
        except OSError:
            return None
        voluntary = number(status, b"\nvoluntary_ctxt_switches:")
        involuntary = number(status, b"\nnonvoluntary_ctxt_switches:")
        return None if voluntary is None or involuntary is None else (voluntary, involuntary)

    def _keep(self, name: str) -> KeptFile:
        self._kept.append(KeptFile(self._home / name))
        return self._kept[-1]

    def _open_io(self) -> None:
        try:
            io = self._keep("io")
            io.read()
            self._io = io
        except (PermissionError, FileNotFoundError) as error:
            parse_stat(self._stat.read())  # raises where the process has ended meanwhile
            self.denied = f"bytes read and written, PSS: {why(error)}"
            if isinstance(error, PermissionError):
                self.denied += "; run as the process's user or as root to read them"


def _bytes_moved(
    words: Sequence[bytes],
) -> tuple[int | None, int | None, int | None, int | None]:
    """Read and written, of storage and by system calls; null where ``io`` can't be read."""
    if not words:
        return None, None, None, None
    # rchar, wchar, syscr, syscw, read_bytes, write_bytes, … each with its name before it
    return int(words[9]), int(words[11]), int(words[1]), int(words[3])
