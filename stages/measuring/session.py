"""A measuring session: the tracer runs, records are spooled, tables are written at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from stages.columns import frame
from stages.home import home
from stages.machine import environment_row
from stages.measuring.spool import Spool
from stages.parquet import write_parquet
from stages.records import ENVIRONMENT
from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer

OWNER = "owner.pid"


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
    _remove_abandoned(home() / "scratch")
    scratch = home() / "scratch" / session.session_id
    scratch.mkdir(parents=True)
    (scratch / OWNER).write_text(str(os.getpid()))
    try:
        with Spool(scratch) as spool:
            with Tracer(scratch, hz, session) as tracer:
                tracer.watch(os.getpid(), None, "client")
                yield Measuring(session, tracer, spool, scratch / "engine.log")
            if tracer.fault:
                print(f"the tracer failed, its figures end early: {tracer.fault}", file=sys.stderr)
            out.mkdir(parents=True, exist_ok=True)
            spool.to_parquet(out)
            to_parquet(scratch, out)
            environment = frame([environment_row(session.session_id)], ENVIRONMENT)
            write_parquet(environment, out / "environment.parquet")
    except Exception:
        print(f"what was recorded is in {scratch} until the next run", file=sys.stderr)
        raise
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    shutil.rmtree(scratch, ignore_errors=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove the scratch of processes that are gone: killed ones leave theirs behind."""
    for owner in folder.glob(f"*/{OWNER}"):
        with contextlib.suppress(OSError, ValueError):
            if not psutil.pid_exists(int(owner.read_text())):
                shutil.rmtree(owner.parent, ignore_errors=True)
