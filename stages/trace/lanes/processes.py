"""What a system has to say of its processes, for the process lane to make rows of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from stages.trace.lanes.runners import CommandLines


class Reading(NamedTuple):
    """What is read of a process at a tick; null where the system doesn't give it.

    Only CPU time is sure to be there where the rest wasn't asked for.
    """

    cpu_ns: int | None
    rss_bytes: int | None
    read_bytes: int | None
    written_bytes: int | None
    read_chars: int | None
    written_chars: int | None
    minor_faults: int | None
    major_faults: int | None
    threads: int | None
    children_cpu_ns: int | None


class Process(Protocol):
    """One process, opened once. It stays this process: a reused pid raises, never answers."""

    pid: int
    created_ns: int
    parent: int
    denied: str | None  # what of it can't be read, and why

    def clock_ns(self) -> int | None:
        """CPU time where a clock of nanoseconds gives it; read first, close to the tick."""

    def read(self, clock_ns: int | None, in_full: bool) -> Callable[[], Reading]:
        """What makes the reading.

        Both raise ``ProcessLookupError`` once the process has ended. One that has ended and isn't
        waited for yet is read a last time: its counters are final.
        """

    def switches(self) -> tuple[int, int] | None:
        """Voluntary and involuntary context switches of all threads; null where not readable."""

    def pss_bytes(self) -> int | None:
        """Resident memory, shared pages divided among their users; null where not readable."""

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
