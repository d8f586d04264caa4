"""One Parquet table from batches, without ever holding more than one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import polars as pl

from stages.columns import Column, schema
from stages.files import replacing
from stages.parquet import disk_faults


class BatchedTable:
    """Collects frames of a table's columns and writes them as one file when the block ends.

    If the block ends by an error, whatever stood at ``path`` before stays as it was.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._path = path
        self._schema = schema(columns)
        self._count = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._scratch = TemporaryDirectory(dir=self._path.parent, prefix=f".{self._path.name}.")
        return self

    def add(self, batch: pl.DataFrame) -> None:
        """Add rows; their columns must be the table's."""
        part = self._part(self._count)
        with disk_faults(part):
            batch.match_to_schema(self._schema).write_parquet(part)
        self._count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._scratch:
            if error is not None:
                return
            if not self._count:
                self.add(self._schema.to_frame())
            parts = [self._part(number) for number in range(self._count)]
            with replacing(self._path) as part, disk_faults(self._path):
                pl.scan_parquet(parts).sink_parquet(part, compression="zstd", statistics=True)

    def _part(self, number: int) -> Path:
        return Path(self._scratch.name) / f"{number:06}.parquet"
