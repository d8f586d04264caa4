"""The reader's side of the store: the sampler's files checked and turned into Parquet tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from stages.columns import Column, frame
from stages.files import read_json, replacing
from stages.parquet import disk_faults, write_parquet
from stages.sealed import payload_of
from stages.trace.log import ANCHORS, SUFFIX
from stages.trace.schema import EVENTS, SESSIONS, TRACE_TABLES
from stages.trace.tracer import SESSION


def to_parquet(scratch: Path, out: Path) -> None:
    """Write the tables of ``TRACE_TABLES`` that a tracer left in ``scratch`` into ``out``.

    A last line without an end is dropped: the sampler was stopped while writing it. A line whose
    checksum doesn't hold is dropped and counted in an event ``damaged``. Memory stays flat
    whatever the length of the trace. Raises ``FileNotFoundError`` where no tracer was entered.
    """
    out.mkdir(parents=True, exist_ok=True)
    session = read_json(scratch / SESSION)
    damaged = {
        table: _sink(scratch, table, columns, session["session_id"], out / f"{table}.parquet")
        for table, columns in TRACE_TABLES.items()
        if columns not in (EVENTS, SESSIONS)
    }
    anchors, damaged[ANCHORS] = _anchors(scratch)
    events, damaged["trace_events"] = _events(scratch, session["session_id"])
    for table, lines in damaged.items():
        if lines:
            events.append(
                {
                    "session_id": session["session_id"],
                    "t_ns": anchors[-1]["monotonic_ns"] if anchors else None,
                    "kind": "damaged",
                    "lane": table,
                    "value": float(lines),
                    "detail": "lines of the trace that didn't match their checksum, left out",
                }
            )
    events.sort(key=lambda event: event["t_ns"] or 0)
    write_parquet(frame(events, EVENTS), out / "trace_events.parquet")
    started = datetime.fromisoformat(session["started_at"])
    row = {**session, "started_at": started, "anchors": anchors}
    write_parquet(frame([row], SESSIONS), out / "sessions.parquet")


def _sink(scratch: Path, table: str, columns: Sequence[Column], session_id: str, path: Path) -> int:
    """Write one table; returns how many lines were damaged."""
    values = scratch / f"{table}.csv"
    try:
        names, damaged = _unpack(scratch / f"{table}{SUFFIX}", values)
        with replacing(path) as part, disk_faults(path):
            if names:
                _typed(values, names, columns, session_id).sink_parquet(part, compression="zstd")
            else:
                frame([], columns).write_parquet(part)
    finally:
        values.unlink(missing_ok=True)
    return damaged


def _unpack(log: Path, values: Path) -> tuple[list[str], int]:
    """Copy the lines of a log that are whole, as CSV; returns column names and damaged lines."""
    names: list[str] = []
    damaged = 0
    if not log.exists():
        return names, damaged
    with log.open("rb") as lines, values.open("wb") as csv:
        for line in lines:
            payload = payload_of(line)
            if not line.endswith(b"\n"):
                break
            if payload is not None and payload.startswith(b"#"):
                names = payload[1:].decode().split(",")
            elif payload is None or not names:
                damaged += 1
            else:
                csv.write(payload + b"\n")
    return names, damaged


def _typed(
    values: Path, names: Sequence[str], columns: Sequence[Column], session_id: str
) -> pl.LazyFrame:
    dtypes: Mapping[str, Any] = {column.name: column.dtype for column in columns}
    scan = pl.scan_csv(
        values,
        has_header=False,
        schema={name: dtypes.get(name, pl.String) for name in names},
        ignore_errors=True,  # a counter past 64 bits is null
        raise_if_empty=False,
    )
    given = {"session_id": pl.lit(session_id)} | {name: pl.col(name) for name in names}
    return scan.select(
        given.get(column.name, pl.lit(None)).cast(column.dtype).alias(column.name)
        for column in columns
    )


def _events(scratch: Path, session_id: str) -> tuple[list[dict[str, Any]], int]:
    """The sampler's events and its parent's; returns them and how many lines were damaged."""
    events: list[dict[str, Any]] = []
    damaged = 0
    values = scratch / "trace_events.csv"
    for name in ("trace_events", "trace_events.parent"):
        names, lost = _unpack(scratch / f"{name}{SUFFIX}", values)
        damaged += lost
        if names:
            events += _typed(values, names, EVENTS, session_id).collect().to_dicts()
    values.unlink(missing_ok=True)
    return events, damaged


def _anchors(scratch: Path) -> tuple[list[dict[str, int]], int]:
    values = scratch / f"{ANCHORS}.csv"
    names, damaged = _unpack(scratch / f"{ANCHORS}{SUFFIX}", values)
    anchors = []
    if names:
        lines = values.read_text(encoding="ascii").splitlines()
        anchors = [dict(zip(names, map(int, line.split(",")), strict=True)) for line in lines]
    values.unlink(missing_ok=True)
    return anchors, damaged
