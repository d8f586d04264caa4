"""Raw records and streams on disk as they come: flat memory, whole rows whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from stages.columns import schema
from stages.files import replacing
from stages.records import RAW_TABLES


class Spool:
    """Collects the rows of the raw tables as JSON lines in a scratch directory.

    One writer; a response's stream is written before its record, so a record always has its
    stream.
    """

    def __init__(self, scratch: Path) -> None:
        self._paths = {name: scratch / f"{name}.ndjson" for name in RAW_TABLES}
        self._files = {name: path.open("a", encoding="utf-8") for name, path in self._paths.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, record: Mapping[str, Any], stream: Iterable[Mapping[str, Any]]) -> None:
        """Add one response."""
        self._write("stream", stream)
        self._write("records", [record])

    def to_parquet(self, out: Path) -> None:
        """Write the raw tables, typed also where they hold no row."""
        for name, columns in RAW_TABLES.items():
            self._files[name].flush()
            wanted = schema(columns)
            out.mkdir(parents=True, exist_ok=True)
            with replacing(out / f"{name}.parquet") as part:
                if self._paths[name].stat().st_size == 0:
                    pl.DataFrame(schema=wanted).write_parquet(part, compression="zstd")
                    continue
                times = [key for key, dtype in wanted.items() if isinstance(dtype, pl.Datetime)]
                raw = pl.Schema(wanted | dict.fromkeys(times, pl.Int64()))
                pl.scan_ndjson(self._paths[name], schema=raw).cast(
                    {key: wanted[key] for key in times}
                ).sink_parquet(part, compression="zstd")

    def _write(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        file = self._files[name]
        for row in rows:
            whole = {key: _whole(value) for key, value in row.items()}
            file.write(json.dumps(whole, ensure_ascii=True, default=_microseconds) + "\n")
        file.flush()


def _whole(value: Any) -> Any:
    """Text that UTF-8 can hold: a server can cut a character in two and send the halves."""
    if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _microseconds(value: object) -> int:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1_000_000)
    raise TypeError(f"no JSON for {type(value).__name__}")
