"""The processes that serve a model, the stage that measures and the tracer itself.

What is watched, what is followed below it and how a row is made; how one process is read is the
system's matter (``linux_process.py``, ``portable.py``).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from stages.trace.clock import SECOND
from stages.trace.lanes.lane import Note, why
from stages.trace.lanes.processes import Process, Processes, Reading
from stages.trace.lanes.runners import Runners
from stages.trace.lanes.tenths import Tenths
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
    "children_cpu_ns",
    "voluntary_switches",
    "involuntary_switches",
    "pss_bytes",
    "remote_sockets",
)


_OURS = {"client", "tracer"}
_NOT_READ = (None, None)
_NOTHING = (None, None, None, None)


@dataclass(eq=False)
class _Followed:
    process: Process
    model: str | None
    role: str
    above: _Followed | None  # the process through which it was found; null if watched itself
    next_ns: int = 0
    read: bool = False
    ended: bool = False
    # Found between two ticks, for the next row; PSS by a thread of its own.
    switches: tuple[int | None, int | None] = _NOT_READ
    pss: int | None = None
    remote: int | None = None
    found: bool = False

    def take(self) -> tuple[int | None, ...]:
        """What was found since the last row."""
        if not self.found:
            return _NOTHING
        self.found = False
        taken = (*self.switches, self.pss, self.remote)
        self.switches, self.pss, self.remote = _NOT_READ, None, None
        return taken


# What one process gave at a tick: whose it was then, what makes its reading, what was found before.
_Read = tuple[_Followed, tuple[str | None, str], Callable[[], Reading], tuple[int | None, ...]]


class ProcessLane:
    """A row a tick and process; all rows of a tick carry the tick's ``t_ns``.

    CPU time is in all of them; memory, bytes, faults, threads and children's CPU time in those of
    ten ticks a second, as the kernel takes several times as long for them, and in the first of a
    process under its labels.
    Our own processes (roles ``client`` and ``tracer``) have a row a second: that is enough to know
    what they cost. What costs more is read once a second and between ticks (``find_children``,
    ``count_switches``, ``count_sockets``, and PSS by a thread): it goes into the next tick's rows
    and is null in the others.
    """

    name = "process"
    table = "trace_process"
    columns = COLUMNS
    period_s = 0.0

    def __init__(self, processes: Processes, note: Note) -> None:
        self._processes = processes
        self._note = note
        self._runners = Runners(processes, note)
        self._followed: dict[int, _Followed] = {}
        # Forgotten, yet a child of a process that is still watched: not to be found again.
        self._dismissed: set[tuple[int, int]] = set()
        self._too_many = False
        self._tenths = Tenths()

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
            followed.next_ns = 0  # as one of ours it was read once a second
            followed.read = False
        known.above = None

    def forget(self, pid: int) -> None:
        """Follow a process and the children found below it no longer."""
        if (known := self._followed.get(pid)) is None:
            return
        for followed in [known, *self._below(known)]:
            self._dismissed.add((followed.process.pid, followed.process.created_ns))
            self._drop(followed)

    def read(self, t_ns: int) -> Callable[[], list[Row]]:
        """A row for each process that still runs."""
        due = [followed for followed in self._followed.values() if t_ns >= followed.next_ns]
        # All CPU clocks first: what comes between them and t_ns shows as CPU use that wasn't.
        clocks = [(followed, followed.process.clock_ns()) for followed in due]
        in_full = self._tenths.due(t_ns)
        return partial(self._rows, t_ns, [self._read(t_ns, *one, in_full) for one in clocks])

    def read_all_next(self) -> None:
        """Have the next reading be of our own processes, and in full."""
        self._tenths.at_once()
        for followed in self._followed.values():
            followed.next_ns = 0

    def find_children(self) -> None:
        """Find the processes that followed ones have begun since."""
        for pid in self._processes.descendants(self._followed.keys()):
            self._adopt(pid)

    def count_switches(self) -> None:
        """Read the context switches of all threads."""
        for followed in self._followed.values():
            followed.switches = followed.process.switches() or _NOT_READ
            followed.found = True

    def count_sockets(self) -> None:
        """Read which sockets have a peer beyond loopback."""
        remote = self._processes.remote_sockets(list(self._followed))
        for pid, followed in self._followed.items():
            followed.remote = remote.get(pid)
            followed.found = True

    def measure_pss(self) -> None:
        """Read PSS, which may take long: from a thread of its own, process by process."""
        for followed in list(self._followed.values()):
            followed.pss = followed.process.pss_bytes()
            followed.found = True

    def pids(self) -> list[int]:
        """The processes that are followed now. Any thread may ask."""
        return list(self._followed)

    def model_of(self, pid: int) -> str | None:
        """The model that a followed process serves. Any thread may ask."""
        followed = self._followed.get(pid)
        return followed.model if followed else None

    def close(self) -> None:
        """Close every process."""
        for followed in list(self._followed.values()):
            self._drop(followed)

    def _read(self, t_ns: int, followed: _Followed, clock: int | None, in_full: bool) -> _Read:
        found = followed.take()
        if followed.role in _OURS:
            followed.next_ns = t_ns + SECOND
            in_full = True
        if not followed.read:
            followed.read = in_full = True
        labels = (followed.model, followed.role)
        try:
            return followed, labels, followed.process.read(clock, in_full), found
        except OSError as error:
            return followed, labels, partial(_fail, error), found

    def _rows(self, t_ns: int, readings: list[_Read]) -> list[Row]:
        rows: list[Row] = []
        for followed, labels, reading, found in readings:
            process = followed.process
            if followed.ended:
                continue  # found out by a reading before
            try:
                rows.append((t_ns, *labels, process.pid, process.created_ns, *reading(), *found))
            except (OSError, ValueError, LookupError) as error:
                self._note("process_gone", self.name, str(process.pid), None, why(error))
                followed.ended = True
                self._drop(followed)
        return rows

    def _adopt(self, pid: int) -> None:
        try:
            process = self._processes.open(pid)
        except OSError as error:
            if error.errno == errno.EMFILE and not self._too_many:
                self._too_many = True
                detail = f"not every process can be watched: {why(error)}; raise `ulimit -n`"
                self._note("lane_missing", self.name, None, None, detail)
            return  # else it ended before it could be looked at
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
                followed.process.read(followed.process.clock_ns(), in_full=False)
            except OSError:
                self._drop(followed)

    def _drop(self, followed: _Followed) -> None:
        pid = followed.process.pid
        if self._followed.get(pid) is followed:
            followed.process.close()
            self._runners.ended(pid)
            del self._followed[pid]


def _fail(error: OSError) -> Reading:
    raise error
