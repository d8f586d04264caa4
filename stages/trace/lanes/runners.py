"""The processes of the models that are followed: found by their command lines, whenever they start.

A server loads, unloads and restarts its models as it likes, each time in a process of another
number. So they are looked for: at once when a model is followed, then once a second, and at every
call while one of them has no process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from stages.trace.lanes.lane import Note

_LOOKS = 3  # a process that has just begun still has the command line of who began it
_HIGHEST = 20  # generations between a runner and its server


class CommandLines(Protocol):
    """The system's processes, as far as their command lines go."""

    def pids(self) -> set[int]:
        """Every process that there is."""

    def words(self, pid: int) -> str:
        """A process's command line. Raises ``OSError`` where there is none to be read."""

    def parent(self, pid: int) -> int | None:
        """The process that began it; null where that can't be known."""


@dataclass
class _Model:
    mark: str
    below: int | None
    pids: set[int] = field(default_factory=set)
    last: int | None = None


class Runners:
    """Which process does which model's work. Call ``look`` to find those that have begun since."""

    def __init__(self, system: CommandLines, note: Note) -> None:
        self._system, self._note = system, note
        self._models: dict[str, _Model] = {}
        self._looks: dict[int, int] = {}

    @property
    def wanting(self) -> bool:
        """Whether a followed model has no process now, and could have one."""
        return any(
            not model.pids and not self._ambiguous(name) for name, model in self._models.items()
        )

    def follow(self, model: str, mark: str, below: int | None) -> set[int]:
        """From now on look for this model's processes, those included that run already.

        Two models of the same weights can't be told apart where it isn't known which server a
        process descends from: neither is followed then. Gives the processes that were taken for
        one of them so far.
        """
        self._models[model] = _Model(mark, below)
        self._looks.clear()
        taken = set()
        for name, twin in self._models.items():
            if self._ambiguous(name):
                detail = (
                    "another model has the same weights, and which process is whose can't be told"
                )
                self._note("lane_missing", "process", name, None, detail)
                taken |= twin.pids
                twin.pids = set()
        return taken

    def unfollow(self, model: str) -> set[int]:
        """Look no longer; gives the processes that were found and haven't ended."""
        known = self._models.pop(model, None)
        return known.pids if known else set()

    def look(self) -> Iterator[tuple[int, str]]:
        """Processes found since the last look, each with its model."""
        if not self._models:
            return
        there = self._system.pids()
        self._looks = {pid: looks for pid, looks in self._looks.items() if pid in there}
        for pid in sorted(there):
            looks = self._looks.get(pid, 0)
            if looks < _LOOKS:
                self._looks[pid] = looks + 1
                if name := self._model_of(pid):
                    yield pid, name

    def ended(self, pid: int) -> None:
        """A process that was found has ended."""
        for model in self._models.values():
            model.pids.discard(pid)

    def _model_of(self, pid: int) -> str | None:
        line = ""
        with suppress(OSError):  # it has ended, or is none of this user's business
            line = self._system.words(pid)
        for name, model in self._models.items():
            fresh = model.mark in line and pid not in model.pids and not self._ambiguous(name)
            if fresh and self._descends(pid, model.below):
                self._found(name, model, pid)
                return name
        return None

    def _ambiguous(self, name: str) -> bool:
        model = self._models[name]
        return any(
            other != name and twin.mark == model.mark and None in (twin.below, model.below)
            for other, twin in self._models.items()
        )

    def _found(self, name: str, model: _Model, pid: int) -> None:
        if model.last is None:
            self._note("runner_started", "process", name, pid, "process that does its work")
        elif not model.pids:
            detail = f"another process does its work from here on; before, {model.last} did"
            self._note("runner_reloaded", "process", name, pid, detail)
        model.pids.add(pid)
        model.last = pid

    def _descends(self, pid: int, above: int | None) -> bool:
        if above is None:
            return True
        parent: int | None = pid
        for _ in range(_HIGHEST):
            parent = self._system.parent(parent) if parent else None
            if parent == above:
                return True
        return False
