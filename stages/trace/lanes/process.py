"""The processes that serve a model, the stage that measures and the tracer itself.

What is watched, what is followed below it and how a row is made; how one process is read is the
system's matter (``linux_process.py``, ``portable.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stages.trace.lanes.lane import Note, why
from stages.trace.lanes.runners import CommandLines, Runners
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = (
    "t_ns",
    "model",
    "role",
    "pid",
    "created_ns",
    "cpu_ns",
    "rss_bytes",
    "read_bytes",
    "written_bytes",
    "read_chars",
    "written_chars",
    "minor_faults",
    "major_faults",
    "threads",
    "voluntary_switches",
    "involuntary_switches",
    "remote_sockets",
)


class Reading(NamedTuple):
    """What is read of a process at each tick; null where the system doesn't give it."""

    cpu_ns: int | None
    rss_bytes: int | None
    read_bytes: int | None
    written_bytes: int | None
    read_chars: int | None
    written_chars: int | None
    minor_faults: int | None
    major_faults: int | None
    threads: int | None


class Process(Protocol):
    """One process, opened once. It stays this process: a reused pid raises, never answers."""

    pid: int
    created_ns: int
    parent: int
    denied: str | None  # what of it can't be read, and why

    def clock_ns(self) -> int | None:
        """CPU time where a clock of nanoseconds gives it; read first, close to the tick."""

    def read(self, clock_ns: int | None) -> Reading:
        """The rest. Raises ``ProcessLookupError`` once the process has ended."""

    def switches(self) -> tuple[int, int] | None:
        """Voluntary and involuntary context switches of all threads; null where not readable."""

    def close(self) -> None:
        """Close what is kept open."""


class Processes(CommandLines, Protocol):
    """The system's processes."""

    def open(self, pid: int) -> Process:
        """A process. Raises ``OSError`` where there is none or it can't be read."""

    def descendants(self, pids: Collection[int]) -> Iterable[int]:
        """Processes below these that aren't among them, parents before their children."""

    def remote_sockets(self, pids: Sequence[int]) -> dict[int, int]:
        """Sockets with a peer beyond loopback; a process that can't be asked is left out."""


@dataclass(eq=False)
class _Followed:
    process: Process
    model: str | None
    role: str
    above: _Followed | None  # the process through which it was found; null if watched itself
    switches: tuple[int, int] | None = None
    remote: int | None = None


class ProcessLane:
    """A row a tick and process; all rows of a tick carry the tick's ``t_ns``.

    ``survey``, once a second and between ticks, finds new children and reads what costs more
    (context switches, sockets); its findings go into the next tick's rows, null in the others.
    """

    name = "process"
    table = "trace_process"
    columns = COLUMNS

    def __init__(self, processes: Processes, note: Note) -> None:
        self._processes = processes
        self._note = note
        self._runners = Runners(processes, note)
        self._followed: dict[int, _Followed] = {}
        # Forgotten, yet a child of a process that is still watched: not to be found again.
        self._dismissed: set[tuple[int, int]] = set()

    def open(self) -> None:
        """Nothing is read before a process is watched."""

    def follow(self, model: str, mark: str, below: int | None) -> None:
        """Follow every process of a model, those included that start later (``Runners``)."""
        for pid in self._runners.follow(model, mark, below):
            self.forget(pid)
        self.look()

    def unfollow(self, model: str) -> None:
        """Follow a model's processes no longer."""
        for pid in self._runners.unfollow(model):
            self.forget(pid)

    def look(self, *, wanted: bool = False) -> None:
        """Find processes of followed models; with ``wanted`` only if one of them has none."""
        if not wanted or self._runners.wanting:
            for pid, model in self._runners.look():
                self.watch(pid, model, "engine")

    def watch(self, pid: int, model: str | None, role: str) -> None:
        """Follow a process and its children, from now on under these labels."""
        self._drop_if_ended(pid)
        known = self._followed.get(pid)
        if known is None:
            try:
                process = self._processes.open(pid)
            except OSError as error:
                detail = f"it could not be watched: {why(error)}"
                self._note("process_gone", self.name, str(pid), None, detail)
                return
            known = self._follow(_Followed(process, model, role, None))
            self._dismissed.discard((pid, known.process.created_ns))
        for followed in [known, *self._below(known)]:
            followed.model, followed.role = model, role
        known.above = None

    def forget(self, pid: int) -> None:
        """Follow a process and the children found below it no longer."""
        if (known := self._followed.get(pid)) is None:
            return
        for followed in [known, *self._below(known)]:
            self._dismissed.add((followed.process.pid, followed.process.created_ns))
            self._drop(followed)

    def read(self, t_ns: int) -> list[Row]:
        """A row for each process that still runs."""
        # All CPU clocks first: what comes between them and t_ns shows as CPU use that wasn't.
        clocks = [(followed, followed.process.clock_ns()) for followed in self._followed.values()]
        return [row for followed, clock in clocks if (row := self._row(t_ns, followed, clock))]

    def survey(self) -> None:
        """Find runners and children; read context switches and sockets. Once a second."""
        self.look()
        for pid in self._processes.descendants(self._followed.keys()):
            self._adopt(pid)
        for followed in self._followed.values():
            followed.switches = followed.process.switches()
        remote = self._processes.remote_sockets(list(self._followed))
        for pid, followed in self._followed.items():
            followed.remote = remote.get(pid)

    def close(self) -> None:
        """Close every process."""
        for followed in list(self._followed.values()):
            self._drop(followed)

    def _row(self, t_ns: int, followed: _Followed, clock: int | None) -> Row | None:
        process = followed.process
        try:
            reading = process.read(clock)
        except OSError as error:
            self._note("process_gone", self.name, str(process.pid), None, why(error))
            self._drop(followed)
            return None
        switches = followed.switches or (None, None)
        remote, followed.switches, followed.remote = followed.remote, None, None
        return (
            t_ns,
            followed.model,
            followed.role,
            process.pid,
            process.created_ns,
            *reading,
            *switches,
            remote,
        )

    def _adopt(self, pid: int) -> None:
        try:
            process = self._processes.open(pid)
        except OSError:
            return  # it ended before it could be looked at
        above = self._followed.get(process.parent)
        if above is None or (pid, process.created_ns) in self._dismissed:
            process.close()
            return
        self._follow(_Followed(process, above.model, above.role, above))

    def _follow(self, new: _Followed) -> _Followed:
        process = new.process
        if process.denied:
            self._note("lane_missing", self.name, str(process.pid), None, process.denied)
        self._followed[process.pid] = new
        return new

    def _below(self, top: _Followed) -> list[_Followed]:
        found = []
        for followed in self._followed.values():
            above = followed.above
            while above is not None and above is not top:
                above = above.above
            if above is top:
                found.append(followed)
        return found

    def _drop_if_ended(self, pid: int) -> None:
        if followed := self._followed.get(pid):
            try:
                followed.process.read(None)
            except OSError:
                self._drop(followed)

    def _drop(self, followed: _Followed) -> None:
        followed.process.close()
        self._runners.ended(followed.process.pid)
        del self._followed[followed.process.pid]
