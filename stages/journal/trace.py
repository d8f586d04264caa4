"""A session's trace in the journal: stored once, whichever responses are taken from it later."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import polars as pl

from stages.files import sync_folder, write_json
from stages.journal.journal import read_beginning
from stages.journal.session_log import UNITS
from stages.trace.keeper import remove_segments
from stages.trace.store import to_parquet
from stages.trace.tracer import PARENT, SESSION

SEGMENT = "trace"


def segment(session: Path) -> Path | None:
    """The folder of the session's trace tables; made from the sampler's files the first time.

    Null, and said, where they can't be had: its responses then have times and no figures of the
    hardware. No tracer may be writing into ``session``. Raises ``OSError`` where the disk refuses.
    """
    ready = session / SEGMENT
    try:
        if not ready.is_dir():
            _make(session, ready)
    except (FileNotFoundError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        print(f"{session}: its trace can't be read ({error}); going on without", file=sys.stderr)
        return None
    _remove_sources(session)
    return ready


def _make(session: Path, ready: Path) -> None:
    if beginning := read_beginning(session / UNITS):
        # The tracer's own note of the session isn't waited for; the journal's is on the disk.
        write_json(session / SESSION, beginning.session)
    making = session / f"{SEGMENT}.part"  # of a run that was killed, or of this one
    shutil.rmtree(making, ignore_errors=True)
    to_parquet(session, making)
    for path in making.iterdir():
        _sync(path)
    making.replace(ready)
    sync_folder(session)  # before what it was made from is removed


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _remove_sources(session: Path) -> None:
    """The sampler's own files are many times larger than the tables."""
    remove_segments(session)
    (session / PARENT).unlink(missing_ok=True)
    (session / SESSION).unlink(missing_ok=True)
