"""How far a run is: a bar in a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeRemainingColumn as Remaining


class Tally:
    """Counts finished responses of ``total`` and shows tokens per second and the time left."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._done = label, total, 0
        self._tokens, self._began = 0, time.monotonic()
        self._bar: Progress | None = None
        console = Console(stderr=True)
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[speed]}"),
                Remaining(),
                console=console,
            )
            self._task = self._bar.add_task(label, total=total, speed="")

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

    def finished(self, record: Mapping[str, Any]) -> None:
        """One response is there, given as its row of ``records``."""
        self._done += 1
        tokens = record["output_tokens"]
        self._tokens += tokens or 0
        elapsed = time.monotonic() - self._began
        speed = f"{self._tokens / elapsed:.0f} tokens/s" if elapsed > 0 else ""
        if self._bar:
            self._bar.update(self._task, completed=self._done, speed=speed)
            return
        if record["stop"] == "refused":
            return  # nothing was asked, and why stands above, once
        left = timedelta(seconds=round(elapsed / self._done * (self._total - self._done)))
        count = f"{tokens} tokens" if tokens is not None else "tokens unknown"
        seconds = (record["end_ns"] - record["request_ns"]) / 1e9
        print(
            f"{self._label} {self._done}/{self._total}: {record['model']} {record['arm']} "
            f"{record['prompt_id']} turn {record['turn']} epoch {record['epoch']}: "
            f"{record['stop']}, {count} in {seconds:.1f} s ({speed}, {left} left)",
            file=sys.stderr,
            flush=True,
        )
