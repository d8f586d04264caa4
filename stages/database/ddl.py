"""Tables and their comments, from the columns that ``stages/tables.py`` declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import polars as pl
from polars.datatypes import DataTypeClass

from stages.columns import Column

_TYPES: dict[DataTypeClass, str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    # Without a zone: reading a zoned one takes an extension in some clients. It is UTC.
    pl.Datetime: "TIMESTAMP",
}


def sql_type(dtype: pl.DataType | DataTypeClass) -> str:
    """DuckDB's name of a Polars type. Raises ``KeyError`` for one that no table uses."""
    if isinstance(dtype, pl.List):
        return sql_type(dtype.inner) + "[]"
    if isinstance(dtype, pl.Struct):
        fields = ", ".join(
            f"{quoted(field.name)} {sql_type(field.dtype)}" for field in dtype.fields
        )
        return f"STRUCT({fields})"
    return _TYPES[dtype if isinstance(dtype, type) else type(dtype)]


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal, for the statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def create_table(con: duckdb.DuckDBPyConnection, name: str, columns: Iterable[Column]) -> None:
    """An empty table with these columns, each commented with its unit and meaning."""
    columns = list(columns)
    body = ", ".join(f"{quoted(column.name)} {sql_type(column.dtype)}" for column in columns)
    con.execute(f"CREATE TABLE {quoted(name)} ({body})")
    for column in columns:
        text = f"[{column.unit}] {column.meaning}" if column.unit else column.meaning
        con.execute(f"COMMENT ON COLUMN {quoted(name)}.{quoted(column.name)} IS {literal(text)}")


def create_tables(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Iterable[Column]]) -> None:
    """Every table, empty."""
    for name, columns in tables.items():
        create_table(con, name, columns)
