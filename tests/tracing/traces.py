"""Tables of made-up runs, of which every figure is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stages.columns import frame
from stages.parquet import write_parquet
from stages.trace.schema import TRACE_TABLES
from stages.tracing.run import Run
from stages.tracing.tables import Tables
from stages.tracing.usage import Usage

SECOND = 1_000_000_000
BOOT_AHEAD_NS = 7 * SECOND  # the machine had been suspended for 7 s

Row = Mapping[str, Any]


def usage(**known: Any) -> Usage:
    """What ended processes used: nothing but this."""
    nothing: dict[str, Any] = dict.fromkeys(Usage.__dataclass_fields__, 0)
    return Usage(**nothing | {"largest_bytes": None, "io_reason": None} | known)


def run(**known: Any) -> Run:
    """A command that ran from 10 s to 20 s as process 100 and left nothing to be waited for."""
    usual = {
        "command": ["work"],
        "pid": 100,
        "watched": [],
        "hz": 1.0,
        "begin_ns": 10 * SECOND,
        "end_ns": 20 * SECOND,
        "status": 0,
        "usage": usage(),
    }
    return Run(**usual | known)


def tables(folder: Path, of: Run, **rows: Iterable[Row]) -> Tables:
    """The tables of a run: these rows (``process=[…]`` are of trace_process), nothing else."""
    anchor = {"monotonic_ns": 0, "boot_ns": BOOT_AHEAD_NS, "wall_ns": 0}
    given: dict[str, Iterable[Row]] = {f"trace_{name}": each for name, each in rows.items()}
    given["sessions"] = [{"session_id": "s", "anchors": [anchor]}]
    for name, columns in TRACE_TABLES.items():
        known = [{"session_id": "s", **row} for row in given.get(name, [])]
        write_parquet(frame(known, columns), folder / f"{name}.parquet")
    return Tables(folder, of)


def process(t_s: float, pid: int, born_s: float, **counters: Any) -> Row:
    """A reading of a process of the command, born at ``born_s`` of monotonic time."""
    return {
        "t_ns": round(t_s * SECOND),
        "role": "command",
        "pid": pid,
        "created_ns": round(born_s * SECOND) + BOOT_AHEAD_NS,
        "threads": 1,
        **counters,
    }
