"""Descendants whose parent has ended: kept below this process, so that none is lost to the trace.

Linux gives an orphan to its nearest ancestor that asked for it (PR_SET_CHILD_SUBREAPER, prctl(2)),
else to the system's first process, where nobody could find it any more and what it used would be
added to nothing that we see.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from stages.tracing.usage import Usage, reap

_SET_CHILD_SUBREAPER = 36


class Orphans:
    """Those that come to this process from now on; the children that it has already are none.

    ``usage`` is what those that have ended used, with all that they had waited for; null before
    the first. ``ended`` are those that the last look found so.
    """

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.ended: list[int] = []
        self._others = set(_children())
        self._running: set[int] = set()
        if self._others:  # the tracer at least, where children are listed at all
            with suppress(OSError, AttributeError):
                ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def look(self, command: int) -> list[int]:
        """Wait for those that have ended; returns those that have come and run.

        ``command`` is a child that is no orphan.
        """
        found = {pid for pid in _children() if pid != command and pid not in self._others}
        self.ended = []
        for pid in found:
            if ended := reap(pid, os.WNOHANG):
                self.ended.append(pid)
                self.usage = self.usage + ended[1] if self.usage else ended[1]
        found.difference_update(self.ended)
        new = sorted(found - self._running)
        self._running = found
        return new


def _children() -> list[int]:
    """This process's children; none where the kernel has no list of them (or isn't Linux)."""
    try:
        lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    except OSError:
        return []
    return [int(pid) for text in lists for pid in text.split()]
