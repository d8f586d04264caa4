"""Time that tasks waited for CPU, memory and disks (pressure stall information); Linux.

Of the machine and of each control group (version 2) that a watched process or this one is in; see
the kernel's Documentation/accounting/psi.rst.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path

from stages.trace.lanes.control_groups import UNIFIED, ControlGroups, KeptFiles
from stages.trace.lanes.figure import figure
from stages.trace.lanes.lane import KeptFile, LaneMissing, Note, why
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = ("t_ns", "scope", "resource", "some_ns", "full_ns")
MACHINE = "machine"

_RESOURCES = ("cpu", "memory", "io")
_TOTAL = re.compile(rb"^(some|full) .*total=(\d+)$", re.MULTILINE)  # µs
_REMEDY = "boot Linux 4.20 or later with psi=1 on its command line"


class PressureLane:
    """A row for each resource of the machine, and of each group whose kernel keeps it."""

    name = "pressure"
    table = "trace_pressure"
    columns = COLUMNS
    period_s = 1.0

    def __init__(
        self, note: Note, pids: Callable[[], Collection[int]], root: Path = Path("/")
    ) -> None:
        self._note = note
        self._pids = pids
        self._machine = str(root / "proc/pressure")
        self._groups: ControlGroups | None = ControlGroups({UNIFIED}, root)
        self._files = KeptFiles()

    def open(self) -> None:
        """See that the kernel keeps it at all; without control groups only the machine's is."""
        faults = {
            resource: fault
            for resource in _RESOURCES
            if (fault := _fault(Path(self._machine, resource)))
        }
        if len(faults) == len(_RESOURCES):
            raise LaneMissing(f"{faults['cpu']}; {_REMEDY}")
        for resource, fault in faults.items():
            self._note("lane_missing", self.name, resource, None, fault)
        try:
            if self._groups:
                self._groups.open()
        except (OSError, LaneMissing) as error:
            self._groups = None
            self._note("lane_missing", self.name, "control groups", None, why(error))

    def read(self, t_ns: int) -> list[Row]:
        """Three rows for the machine, then three for each group."""
        rows = self._rows(t_ns, MACHINE, self._machine, "")
        if not rows:
            raise LaneMissing(f"{self._machine} can't be read any more")
        groups = self._groups.of(self._pids()) if self._groups else set()
        for group in sorted(groups):
            folder = group.folders[0]
            if self._files.read(f"{folder}/cgroup.type"):  # the root has none: it's the machine
                rows += self._rows(t_ns, group.path, folder, ".pressure")
        self._files.sweep()
        return rows

    def close(self) -> None:
        """Close what is kept open."""
        self._files.close()

    def _rows(self, t_ns: int, scope: str, folder: str, suffix: str) -> list[Row]:
        rows: list[Row] = []
        for resource in _RESOURCES:
            text = self._files.read(f"{folder}/{resource}{suffix}")
            totals = {match[1]: figure(match[2]) for match in _TOTAL.finditer(text)}
            some, full = totals.get(b"some"), totals.get(b"full")
            if scope == MACHINE and resource == "cpu":
                full = None  # the kernel writes 0: some task always runs where all want a core
            if some is not None:
                rows.append((t_ns, scope, resource, some * 1000, full and full * 1000))
        return rows


def _fault(path: Path) -> str | None:
    """Why a file can't be read: without psi=1 opening it works and reading it doesn't."""
    try:
        file = KeptFile(path)
    except OSError as error:
        return why(error)
    try:
        file.read()
    except OSError as error:
        return f"{path}: {why(error)}"
    finally:
        file.close()
    return None
