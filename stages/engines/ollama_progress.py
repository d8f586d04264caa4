"""How far a download is: a bar in a terminal, a line each few seconds in a log."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

PERIOD_S = 5.0


class DownloadProgress:
    """Shows bytes, speed and the time left of ``label``, piece by piece."""

    def __init__(self, label: str, console: Console | None = None) -> None:
        self._label = label
        self._piece: str | None = None
        self._task = TaskID(0)
        self._shown_s, self._shown_bytes = 0.0, 0
        self._bar: Progress | None = None
        console = console or Console(stderr=True)
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=console,
            )

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def report(self, piece: str, done: int, total: int) -> None:
        """``done`` of ``total`` bytes of this piece are there."""
        if self._bar:
            if piece != self._piece:
                self._task = self._bar.add_task(self._label, total=total, completed=done)
            self._bar.update(self._task, completed=done)
        elif piece != self._piece:
            self._begin(done)
        elif time.monotonic() - self._shown_s >= PERIOD_S:
            self._line(done, total)
        self._piece = piece

    def _begin(self, done: int) -> None:
        self._shown_s, self._shown_bytes = time.monotonic(), done

    def _line(self, done: int, total: int) -> None:
        speed = (done - self._shown_bytes) / (time.monotonic() - self._shown_s)
        left = f"{timedelta(seconds=round((total - done) / speed))} left" if speed > 0 else "stands"
        print(
            f"{self._label}: {done / 1e9:.2f} of {total / 1e9:.2f} GB, {speed / 1e6:.1f} MB/s, "
            f"{left}",
            file=sys.stderr,
            flush=True,
        )
        self._begin(done)
