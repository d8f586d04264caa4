"""The processes in Linux's /proc: which there are, and which descend from others."""

from __future__ import annotations

import errno
import os
import resource
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from stages.trace.lanes.linux_process import Clock, LinuxProcess, cpu_clock, parse_stat
from stages.trace.lanes.sockets import remote_sockets

_FILES_OF_OTHERS = 64  # descriptors that are left to the other lanes, however many processes run


class LinuxProcesses:
    """The processes in ``/proc``."""

    def __init__(
        self, proc: Path = Path("/proc"), clock: Callable[[int], Clock] = cpu_clock
    ) -> None:
        self._proc = proc
        self._clock = clock
        self._seen: set[int] = set()
        self._asked: set[int] = set()
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._files = sys.maxsize if files == resource.RLIM_INFINITY else files - _FILES_OF_OTHERS

    def open(self, pid: int) -> LinuxProcess:
        """A process by its number."""
        process = LinuxProcess(pid, self._proc, self._clock)
        if process.fileno() >= self._files:
            process.close()
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return process

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
