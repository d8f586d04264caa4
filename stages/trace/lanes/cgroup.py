"""Limits of the watched processes' control groups, and how often they were reached; Linux."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from stages.trace.lanes.control_groups import UNIFIED, ControlGroups, Group, KeptFiles
from stages.trace.lanes.figure import figure
from stages.trace.lanes.lane import Note
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = (
    "t_ns",
    "cgroup",
    "cpu_limit_cores",
    "periods",
    "throttled_periods",
    "throttled_ns",
    "memory_limit_bytes",
    "memory_used_bytes",
    "oom_kills",
)

_NO_LIMIT = 2**60  # version 1 writes the largest number of bytes that it can count to
_NOTHING = "it has neither limits nor counters (the root of all groups has none)"

_Limit = TypeVar("_Limit", int, float)


class _Cpu(NamedTuple):
    limit_cores: float | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None


class _Memory(NamedTuple):
    limit_bytes: int | None = None
    used_bytes: int | None = None
    oom_kills: int | None = None


class CgroupLane:
    """A row for each control group that a watched process or this one is in.

    A limit is the tightest of the group's own and its ancestors', and what is counted against it
    is counted in the group that sets it; where none does, and for ``oom_kills``, in the group
    itself. Where version 1 has a process at different places for CPU and for memory, each place is
    a row with what is known there.
    """

    name = "cgroup"
    table = "trace_cgroup"
    columns = COLUMNS
    period_s = 1.0

    def __init__(
        self, note: Note, pids: Callable[[], Collection[int]], root: Path = Path("/")
    ) -> None:
        self._note = note
        self._pids = pids
        self._groups = ControlGroups({UNIFIED, "cpu", "memory"}, root)
        self._files = KeptFiles()
        self._seen: set[Group] = set()
        self._told = False

    def open(self) -> None:
        """Find where the groups are mounted."""
        self._groups.open()

    def read(self, t_ns: int) -> list[Row]:
        """A row for each group that says something."""
        cpu: dict[str, _Cpu] = {}
        memory: dict[str, _Memory] = {}
        current = self._groups.of(self._pids())
        # Also of processes that have ended: what a group held back or killed last counts, too.
        groups = current | {group for group in self._seen if Path(group.folders[0]).is_dir()}
        for group in groups:
            if counted := self._cpu(group):
                cpu[group.path] = counted
            if held := self._memory(group):
                memory[group.path] = held
        self._files.sweep()
        known = cpu.keys() | memory.keys()
        self._seen = groups
        self._tell_of_silent(current, known)
        return [
            (t_ns, path, *cpu.get(path, _Cpu()), *memory.get(path, _Memory()))
            for path in sorted(known)
        ]

    def close(self) -> None:
        """Close what is kept open of the groups."""
        self._files.close()

    def _tell_of_silent(self, groups: Collection[Group], known: Collection[str]) -> None:
        # Where version 1 has the controllers, version 2 has nothing to say.
        speaking = [group for group in groups if group.controller != UNIFIED] or groups
        silent = sorted(group.path for group in speaking if group.path not in known)
        if silent and not self._told:
            self._told = True
            self._note("lane_missing", self.name, silent[0], None, _NOTHING)

    def _cpu(self, group: Group) -> _Cpu | None:
        if group.controller == "memory":
            return None
        limit, setter = _tightest({folder: self._cores(group, folder) for folder in group.folders})
        stat = self._figures(f"{setter}/cpu.stat")
        micros = stat.get(b"throttled_usec")  # version 1 has ns
        throttled = stat.get(b"throttled_time") if micros is None else micros * 1000
        found = _Cpu(limit, stat.get(b"nr_periods"), stat.get(b"nr_throttled"), throttled)
        return None if found == _Cpu() else found

    def _memory(self, group: Group) -> _Memory | None:
        if group.controller == "cpu":
            return None
        limit_name, used_name, events_name = (
            ("memory.max", "memory.current", "memory.events")
            if group.controller == UNIFIED
            else ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.oom_control")
        )
        limit, setter = _tightest(
            {folder: self._limit_bytes(f"{folder}/{limit_name}") for folder in group.folders}
        )
        used = figure(self._files.read(f"{setter}/{used_name}"))
        kills = self._figures(f"{group.folders[0]}/{events_name}").get(b"oom_kill")
        found = _Memory(limit, used, kills)
        return None if found == _Memory() else found

    def _cores(self, group: Group, folder: str) -> float | None:
        """A group's own limit; null where it has none, which is written ``max`` or -1."""
        if group.controller == UNIFIED:
            quota, _, period = self._files.read(f"{folder}/cpu.max").partition(b" ")
        else:
            quota = self._files.read(f"{folder}/cpu.cfs_quota_us")
            period = self._files.read(f"{folder}/cpu.cfs_period_us")
        allowed, of = figure(quota), figure(period)
        return allowed / of if allowed and of else None

    def _limit_bytes(self, path: str) -> int | None:
        limit = figure(self._files.read(path))
        return None if limit is None or limit >= _NO_LIMIT else limit

    def _figures(self, path: str) -> dict[bytes, int]:
        pairs = (line.partition(b" ") for line in self._files.read(path).splitlines())
        return {name: value for name, _, text in pairs if (value := figure(text)) is not None}


def _tightest(limits: Mapping[str, _Limit | None]) -> tuple[_Limit | None, str]:
    """The smallest limit with the folder of the group that sets it; without one, the first."""
    known = {folder: limit for folder, limit in limits.items() if limit is not None}
    if not known:
        return None, next(iter(limits))
    setter = min(known, key=lambda folder: known[folder])
    return known[setter], setter
