"""A measuring session: the tracer runs, records are spooled, tables are written at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stages.columns import frame
from stages.home import home
from stages.machine import environment_row
from stages.measuring.spool import Spool
from stages.parquet import write_parquet
from stages.records import ENVIRONMENT
from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer


@dataclass(frozen=True)
class Measuring:
    """What a stage measures with while its session lasts."""

    session: Session
    tracer: Tracer
    spool: Spool
    log: Path


@contextmanager
def measuring(out: Path, hz: float) -> Iterator[Measuring]:
    """Trace this process and what it starts; afterwards write the raw tables into ``out``.

    Nothing appears in ``out`` before the block has ended without error.
    """
    session = Session.begin()
    scratch = home() / "scratch" / session.session_id
    scratch.mkdir(parents=True)
    try:
        with Spool(scratch) as spool:
            with Tracer(scratch, hz, session) as tracer:
                tracer.watch(os.getpid(), None, "client")
                yield Measuring(session, tracer, spool, scratch / "engine.log")
            out.mkdir(parents=True, exist_ok=True)
            spool.to_parquet(out)
            to_parquet(scratch, out)
            environment = frame([environment_row(session.session_id)], ENVIRONMENT)
            write_parquet(environment, out / "environment.parquet")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
