"""What comes after the last reading: the tables, the summary and the picture."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console

from stages.trace.store import to_parquet
from stages.tracing.folder import discard, scratch
from stages.tracing.run import Run
from stages.tracing.shown import show
from stages.tracing.summary import summarise
from stages.tracing.tables import Tables


def finish(run: Run, folder: Path, picture: Path | None) -> None:
    """Make and show them; what the tracer wrote is removed. Raises ``OSError``."""
    run.write(scratch(folder))
    to_parquet(scratch(folder), folder)
    tables = Tables(folder, run)
    summary = summarise(tables)
    summary.write(folder)
    console = Console(file=sys.stderr, highlight=False)
    with console.capture() as shown:
        show(summary, console)
    _tell(shown.get())
    if picture:
        from stages.tracing.plot import plot  # noqa: PLC0415 (matplotlib takes its time)

        plot(tables, summary, picture)
        _tell(f"picture: {picture}\n")
    discard(folder)


def _tell(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BrokenPipeError:  # whoever read it has left, which is no fault of the run
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
