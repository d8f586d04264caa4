"""One column of a table: its name, type, unit and meaning, said once and checked everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Column:
    """A column of a Parquet table.

    ``unit`` is a symbol (``ns``, ``bytes``, ``tokens``), or empty for text, keys and flags.
    ``meaning`` is a sentence that also says when the value is null.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    unit: str
    meaning: str


def schema(columns: Iterable[Column]) -> pl.Schema:
    """The Polars schema of a table's columns, in their order."""
    return pl.Schema({column.name: column.dtype for column in columns})


def frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> pl.DataFrame:
    """A frame with exactly these columns from rows of plain values; absent keys are null.

    Raises ``ValueError`` for a key that no column has: a misspelt name would be lost silently.
    """
    names = {column.name for column in columns}
    for row in rows:
        if unknown := row.keys() - names:
            raise ValueError(f"no such columns: {sorted(unknown)}")
    return pl.DataFrame(
        [[row.get(column.name) for row in rows] for column in columns],
        schema=schema(columns),
        orient="col",
        strict=False,
    )
