"""From the journal to the raw tables that DVC keeps: records, streams, the trace behind them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from stages.columns import Column, frame, schema
from stages.files import replacing
from stages.journal.entry import Answer
from stages.journal.journal import Entry, read_beginning
from stages.journal.session_log import UNITS
from stages.journal.trace import segment
from stages.measuring.unit_id import response_id
from stages.parquet import disk_faults, write_parquet
from stages.records import ENVIRONMENT, RAW_TABLES, RECORDS, STREAM
from stages.trace.schema import LATER_TABLES, TRACE_TABLES

STREAM_ROWS = 250_000
_UNREADABLE = (pl.exceptions.PolarsError, FileNotFoundError)


@dataclass(frozen=True)
class Name:
    """What a response is called in this run."""

    model: str
    prompt_id: str
    test: str | None


@dataclass(frozen=True)
class Taken:
    """An entry of the journal that becomes rows: one for each of its responses, so named."""

    entry: Entry
    names: Sequence[Name]
    reused: bool


def write_raw_tables(taken: Sequence[Taken], sessions: Sequence[Path], out: Path) -> None:
    """Write every raw table into ``out``, in flat memory.

    ``sessions`` are the folders of the sessions that the rows come from, and of the present one.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".parts.") as parts:
        _write_responses(taken, Path(parts))
        for name, columns in RAW_TABLES.items():
            _join(sorted(Path(parts).glob(f"{name}.*")), columns, out / f"{name}.parquet")
    began = {folder: read_beginning(folder / UNITS) for folder in sessions}
    environment = [beginning.environment for beginning in began.values() if beginning]
    write_parquet(frame(environment, ENVIRONMENT), out / "environment.parquet")
    segments = [path for folder in sessions if (path := segment(folder))]
    for name, columns in TRACE_TABLES.items():
        tables = [path / f"{name}.parquet" for path in segments]
        if name in LATER_TABLES:
            tables = [table for table in tables if table.exists()]
        _join_whole(tables, columns, out / f"{name}.parquet")


def _write_responses(taken: Sequence[Taken], parts: Path) -> None:
    """Write records and streams in parts of about ``STREAM_ROWS`` chunks."""
    records: list[dict[str, object]] = []
    streams: list[pl.DataFrame] = []
    rows, number = 0, 0
    for record, stream in _responses(taken):
        records.append(record)
        streams.append(stream)
        rows += stream.height
        if rows >= STREAM_ROWS or len(records) >= STREAM_ROWS:
            _write_part(records, streams, parts, number)
            records, streams, rows, number = [], [], 0, number + 1
    _write_part(records, streams, parts, number)


def _responses(taken: Sequence[Taken]) -> Iterator[tuple[dict[str, object], pl.DataFrame]]:
    known = {column.name for column in RECORDS}
    for item in taken:
        answers = item.entry.read()
        for name, summary, answer in zip(
            item.names, item.entry.head.responses, answers, strict=True
        ):
            names = vars(name)
            identity = response_id(unit=summary.unit, **names)
            record = {key: value for key, value in answer.record.items() if key in known}
            record |= {"response_id": identity, **names, "reused": item.reused}
            record["traced_as"] = summary.model if summary.model != name.model else None
            yield record, _stream(identity, answer)


def _stream(identity: str, answer: Answer) -> pl.DataFrame:
    wanted = schema(STREAM)
    columns = {"response_id": [identity] * len(answer.stream), **answer.stream.columns()}
    return pl.DataFrame(columns, schema=wanted, orient="col")


def _write_part(
    records: Sequence[dict[str, object]], streams: Sequence[pl.DataFrame], parts: Path, number: int
) -> None:
    write_parquet(frame(records, RECORDS), parts / f"records.{number:06}.parquet")
    empty = pl.DataFrame(schema=schema(STREAM))
    write_parquet(pl.concat([empty, *streams]), parts / f"stream.{number:06}.parquet")


def _join_whole(files: list[Path], columns: Sequence[Column], path: Path) -> None:
    """Join what can be read to its end: a footer that is whole says nothing of what is before."""
    try:
        _join(files, columns, path)
    except _UNREADABLE:
        whole = []
        for file in files:
            try:
                _join([file], columns, path)
            except _UNREADABLE as error:
                print(f"{file} can't be read ({error}); going on without", file=sys.stderr)
            else:
                whole.append(file)
        _join(whole, columns, path)


def _join(files: list[Path], columns: Sequence[Column], path: Path) -> None:
    """One table from its parts, typed also where there is none.

    A part may be of an earlier version of this program, with fewer columns or others.
    """
    wanted = schema(columns)
    with replacing(path) as part, disk_faults(path):
        if not files:
            pl.DataFrame(schema=wanted).write_parquet(part, compression="zstd")
            return
        pl.scan_parquet(
            files, schema=wanted, missing_columns="insert", extra_columns="ignore"
        ).sink_parquet(part, compression="zstd")
