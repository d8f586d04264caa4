"""What every lane is, and how its files are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from stages.trace.log import Row

# note(kind, lane, subject, value, detail): one row of trace_events. Safe from any thread.
Note = Callable[[str, str, str | None, float | None, str | None], None]

# What a lane has read: rows, or what makes them. Right after a pause everything that Python does
# takes several times as long: at each tick the files are only read, and made rows of by the dozen.
Rows = Sequence[Row] | Callable[[], Sequence[Row]]

# emit(table, rows): rows for the store, from a thread of the caller's own. Safe from any thread.
Emit = Callable[[str, Rows], None]


class LaneMissing(Exception):  # noqa: N818 (it names a state: the machine may well be in order)
    """This machine can't give the lane: the reason, with the remedy where there is one."""


class Lane(Protocol):
    """A source of rows, at every tick or, where it has a period, each so many seconds.

    ``open`` raises ``LaneMissing`` or ``OSError`` where the machine can't give the lane, and
    ``read`` does where it no longer can. A lane that raised is closed and not asked again.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    period_s: float

    def open(self) -> None:
        """Find and open what is read at every tick."""

    def read(self, t_ns: int) -> Rows:
        """The rows of a tick that began at ``t_ns``, values in the order of ``columns``."""

    def close(self) -> None:
        """Close what ``open`` opened."""


@runtime_checkable
class Sparing(Protocol):
    """A lane that doesn't read everything at every tick."""

    def read_all_next(self) -> None:
        """Have the next reading be whole, as the last one has to be."""


_HALF_PAGE = 2048  # of the smallest page that there is; no record of these files is as long


class KeptFile:
    """A kernel file that stays open: reading it again costs two system calls instead of five."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        # All of a file that is known to be short. Nothing of ours is called in between.
        self.read_short: Callable[[], bytes] = partial(os.pread, self._fd, 4096, 0)

    def read(self) -> bytes:
        """All of the file as it is now.

        The kernel hands long ones out in parts of a page or more, of which only the last is short.
        """
        data = part = os.pread(self._fd, 4096, 0)
        while len(part) >= _HALF_PAGE:
            part = os.pread(self._fd, 16384, len(data))
            data += part
        return data

    def fileno(self) -> int:
        """Its descriptor."""
        return self._fd

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def rows_of(read: Rows) -> Sequence[Row]:
    """The rows themselves."""
    return read() if callable(read) else read


def why(error: Exception) -> str:
    """An error as one line for ``trace_events``."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__
