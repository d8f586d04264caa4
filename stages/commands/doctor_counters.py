"""What ``overthink doctor`` finds of the counters: each lane is opened and read once."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from stages.commands.doctor_findings import Finding
from stages.trace.lanes.here import lanes, process_lane
from stages.trace.lanes.lane import Lane, LaneMissing, rows_of, why
from stages.trace.log import Row
from stages.trace.nvml import gpu_names

# What is read of a process, and the file that the system guards it by.
_GUARDED = {"bytes read and written": "io", "PSS": "smaps_rollup", "sockets": "fd"}


def counters() -> Iterator[Finding]:
    """The GPU, each lane with what it lacks, and what can be read of other users' processes."""
    yield _gpu()
    notes = _Notes()
    processes = process_lane(notes)
    processes.watch(os.getpid(), None, "client")
    for read in (processes.count_switches, processes.count_sockets, processes.measure_pss):
        read()
    yield from _lane(processes, notes)
    if sys.platform == "linux":
        yield of_other_users()
    for lane in lanes(notes, lambda: [os.getpid()]):
        yield from _lane(lane, notes)


def of_other_users(proc: Path = Path("/proc"), user: int | None = None) -> Finding:
    """What this user (``user``: its number) may read of a process of any other one; Linux."""
    name = "other users' processes"
    for pid in sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()):
        process = proc / str(pid)
        try:
            if process.stat().st_uid == (os.geteuid() if user is None else user):
                continue
            if not (process / "cmdline").read_bytes():
                continue  # the kernel's own
            denied = [what for what, file in _GUARDED.items() if not _readable(process / file)]
        except OSError:
            continue  # it has ended
        if denied:
            found = f"not permitted: {', '.join(denied)} (tried on process {pid})"
            remedy = "where Ollama is another user's (a service's), run as that user or as root"
            return Finding("counter", name, "missing", found, remedy)
        return Finding("counter", name, "ok", f"{', '.join(_GUARDED)} can be read")
    return Finding("counter", name, "ok", "there are none here to try it on")


def _readable(path: Path) -> bool:
    """Whether it may be read. Raises ``OSError`` where its process is gone."""
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            path.read_bytes()
    except PermissionError:
        return False
    return True


def _gpu() -> Finding:
    names, reason = gpu_names()
    if names:
        return Finding("counter", "gpu", "ok", ", ".join(names))
    return _missing("gpu", reason or "none")


def _lane(lane: Lane, notes: _Notes) -> Iterator[Finding]:
    try:
        lane.open()
        try:
            rows = rows_of(lane.read(time.monotonic_ns()))
        finally:
            lane.close()
    except (OSError, LaneMissing, ValueError, LookupError) as error:
        yield _missing(lane.name, why(error))
    else:
        if rows:
            without = _without(lane, rows[0]) if lane.name == "process" else ""
            found = f"can be read, for {lane.table}{without}"
            yield Finding("counter", lane.name, "ok", found)
        else:
            yield _missing(lane.name, "it can be opened, and then says nothing")
    for subject, detail in notes.about(lane):
        yield _missing(f"{lane.name}: {subject}", detail)


def _without(lane: Lane, row: Row) -> str:
    """What is null in a process's row, but for the model: it serves none."""
    fields = zip(lane.columns, row, strict=True)
    nulls = [name for name, value in fields if value is None and name != "model"]
    return f", without {', '.join(nulls)}" if nulls else ""


def _missing(name: str, reason: str) -> Finding:
    found, _, remedy = reason.partition("; ")
    return Finding("counter", name, "missing", found, remedy or None)


class _Notes:
    """What lanes note while they are tried."""

    def __init__(self) -> None:
        self._notes: list[tuple[str, str, str]] = []

    def __call__(
        self, kind: str, lane: str, subject: str | None, value: float | None, detail: str | None
    ) -> None:
        """Keep an event's lane, subject and reason."""
        del kind, value
        self._notes.append((lane, subject or "", detail or ""))

    def about(self, lane: Lane) -> Iterator[tuple[str, str]]:
        """Subject and reason of what a lane has noted."""
        return ((subject, detail) for name, subject, detail in self._notes if name == lane.name)
