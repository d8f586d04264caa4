"""What every lane is, and how its files are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from stages.trace.log import Row

# note(kind, lane, subject, value, detail): one row of trace_events. Safe from any thread.
Note = Callable[[str, str, str | None, float | None, str | None], None]


class LaneMissing(Exception):  # noqa: N818 (it names a state: the machine may well be in order)
    """This machine can't give the lane: the reason, with the remedy where there is one."""


class Lane(Protocol):
    """A source of rows at the tracer's rate.

    ``open`` raises ``LaneMissing`` or ``OSError`` where the machine can't give the lane, and
    ``read`` does where it no longer can. A lane that raised is closed and not asked again.
    """

    name: str
    table: str
    columns: tuple[str, ...]

    def open(self) -> None:
        """Find and open what is read at every tick."""

    def read(self, t_ns: int) -> Sequence[Row]:
        """The rows of a tick that began at ``t_ns``, values in the order of ``columns``."""

    def close(self) -> None:
        """Close what ``open`` opened."""


class KeptFile:
    """A kernel file that stays open: reading it again costs two system calls instead of five."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self) -> bytes:
        """All of the file as it is now (the kernel hands long ones out in parts)."""
        data = part = os.pread(self._fd, 16384, 0)
        while part:
            part = os.pread(self._fd, 16384, len(data))
            data += part
        return data

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def why(error: Exception) -> str:
    """An error as one line for ``trace_events``."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__
