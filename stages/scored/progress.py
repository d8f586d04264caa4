"""How far the reading of a file is: a line that a terminal overwrites, or a line a minute."""

from __future__ import annotations

import io
import os
import stat
import sys
import time
from types import TracebackType
from typing import BinaryIO, Self

from stages.reporting.numbers import duration

_EVERY_S = {True: 0.2, False: 60.0}
_CLEAR = "\r\x1b[K"


class Progress:
    """Says on stderr how many responses of ``file`` are scored, and what is left if that is known.

    Nothing is said of a file that is done at once.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = _size(file)
        self._terminal = sys.stderr.isatty()
        self._began = self._said = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def read(self, count: int) -> None:
        """So many responses are scored."""
        now = time.monotonic()
        if now - self._said < _EVERY_S[self._terminal]:
            return
        self._said = now
        text = f"score: {count:,} response{'' if count == 1 else 's'}{self._left(now)}"
        if self._terminal:
            print(f"{_CLEAR}{text}", end="", file=sys.stderr, flush=True)
            self._shown = True
        else:
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away, so that something else can be said."""
        if self._shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)
            self._shown = False

    def _left(self, now: float) -> str:
        done = self._file.tell() if self._size else 0
        if not self._size or not done:
            return ""
        rest = (now - self._began) * (self._size - done) / done
        return f", {100 * done / self._size:.0f} % of the file, {duration(max(rest, 0))} left"


def _size(file: BinaryIO) -> int | None:
    """Bytes of a file; null for a pipe or a terminal."""
    try:
        found = os.fstat(file.fileno())
    except (OSError, io.UnsupportedOperation):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
