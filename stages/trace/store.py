"""The reader's side of the store: the sampler's files checked and turned into Parquet tables."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from stages.columns import Column, frame
from stages.files import read_json, replacing
from stages.parquet import disk_faults, write_parquet
from stages.sealed import payload_of
from stages.trace.keeper import segments
from stages.trace.log import ANCHORS
from stages.trace.log import EVENTS as EVENTS_TABLE
from stages.trace.schema import EVENTS, SESSIONS, TRACE_TABLES
from stages.trace.tracer import PARENT, SESSION

_PART_ROWS = 50_000
_MOST = 2**63 - 1


def to_parquet(scratch: Path, out: Path) -> None:
    """Write the tables of ``TRACE_TABLES`` that a tracer left in ``scratch`` into ``out``.

    A last line without an end is dropped: the sampler was stopped while writing it. A line whose
    checksum doesn't hold is dropped and counted in an event ``damaged``. Memory stays flat
    whatever the length of the trace. Raises ``FileNotFoundError`` where no tracer was entered.
    """
    out.mkdir(parents=True, exist_ok=True)
    session = read_json(scratch / SESSION)
    session_id = session["session_id"]
    with TemporaryDirectory(dir=scratch, prefix="values.") as folder:
        unpacked = _Unpacked(Path(folder))
        unpacked.read([*segments(scratch), scratch / PARENT])
        anchors = unpacked.anchors()
        for table, columns in TRACE_TABLES.items():
            if columns not in (EVENTS, SESSIONS):
                unpacked.sink(table, columns, session_id, out / f"{table}.parquet")
        events = unpacked.frame(EVENTS_TABLE, EVENTS, session_id).to_dicts()
    if unpacked.damaged:
        events.append(
            {
                "session_id": session_id,
                "t_ns": anchors[-1]["monotonic_ns"] if anchors else None,
                "kind": "damaged",
                "lane": "store",
                "value": float(unpacked.damaged),
                "detail": "lines of the trace that are damaged, left out",
            }
        )
    events.sort(key=lambda event: event["t_ns"] or 0)
    write_parquet(frame(events, EVENTS), out / "trace_events.parquet")
    started = datetime.fromisoformat(session["started_at"])
    row = {**session, "started_at": started, "anchors": anchors}
    write_parquet(frame([row], SESSIONS), out / "sessions.parquet")


class _Unpacked:
    """The rows of each table in parts, in ``folder``; ``damaged`` counts the lines left out."""

    def __init__(self, folder: Path) -> None:
        self.damaged = 0
        self._folder = folder
        self._rows: dict[str, list[Any]] = defaultdict(list)
        self._columns: dict[str, list[str]] = {}
        self._parts = 0

    def read(self, files: Sequence[Path]) -> None:
        """Take the lines of these files that are whole."""
        for line in self._whole(files):
            for table, rows in json.loads(line).items():
                if table == "columns":
                    self._columns |= rows
                elif table not in self._columns:
                    self.damaged += 1  # the line that names them is
                else:
                    waiting = self._rows[table]
                    waiting += rows
                    if len(waiting) >= _PART_ROWS:
                        self._write(table)
        for table in self._rows:
            self._write(table)

    def anchors(self) -> list[dict[str, int]]:
        """The clocks that were read together."""
        return [row for part in self._of(ANCHORS) for row in pl.read_parquet(part).to_dicts()]

    def frame(self, table: str, columns: Sequence[Column], session_id: str) -> pl.DataFrame:
        """A small table."""
        parts = [self._typed(part, columns, session_id).collect() for part in self._of(table)]
        return pl.concat(parts) if parts else frame([], columns)

    def sink(self, table: str, columns: Sequence[Column], session_id: str, path: Path) -> None:
        """Write a table of any length."""
        parts = [self._typed(part, columns, session_id) for part in self._of(table)]
        with replacing(path) as part, disk_faults(path):
            if parts:
                pl.concat(parts).sink_parquet(part, compression="zstd")
            else:
                frame([], columns).write_parquet(part)

    def _of(self, table: str) -> list[Path]:
        return sorted(self._folder.glob(f"{table}.*"))

    def _write(self, table: str) -> None:
        self._parts += 1
        part = self._folder / f"{table}.{self._parts:08}"
        dtypes = {column.name: column.dtype for column in TRACE_TABLES.get(table, ())}
        names = self._columns[table]
        schema = {name: dtypes.get(name, pl.Int64) for name in names}
        with disk_faults(part):
            _frame(self._rows[table], schema).write_parquet(part, compression="lz4")
        self._rows[table].clear()

    def _typed(self, part: Path, columns: Sequence[Column], session_id: str) -> pl.LazyFrame:
        scan = pl.scan_parquet(part, glob=False)
        there = set(scan.collect_schema().names())
        return scan.select(
            pl.lit(session_id).alias("session_id")
            if column.name == "session_id"
            else pl.col(column.name)
            if column.name in there
            else pl.lit(None, column.dtype).alias(column.name)
            for column in columns
        )

    def _whole(self, files: Sequence[Path]) -> Iterator[bytes]:
        for file in files:
            if file.exists():
                yield from self._whole_in(file)

    def _whole_in(self, file: Path) -> Iterator[bytes]:
        try:
            with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        return
                    if (payload := payload_of(line)) is None:
                        self.damaged += 1
                    else:
                        yield payload
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.damaged += 1


def _frame(rows: list[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    try:
        return pl.DataFrame(rows, schema, orient="row", strict=False)
    except (OverflowError, UnicodeError, pl.exceptions.PolarsError):
        dtypes = list(schema.values())
        rows = [[*map(_fitting, row, dtypes)] for row in rows]
        return pl.DataFrame(rows, schema, orient="row")


def _fitting(value: Any, dtype: Any) -> Any:
    """The value as a column of this type can hold it; null where it can't."""
    if dtype == pl.String:
        text = isinstance(value, str)
        return value.encode("utf-8", "replace").decode() if text else None
    if dtype == pl.Int64:
        return value if type(value) is int and -_MOST <= value <= _MOST else None
    if dtype == pl.Float64:
        return float(value) if type(value) in (int, float) and abs(value) <= _MOST else None
    return value if type(value) is bool else None
