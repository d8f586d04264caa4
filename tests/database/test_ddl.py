from __future__ import annotations

import duckdb
import polars as pl
import pytest

from stages.columns import Column
from stages.database.ddl import create_table, literal, quoted, sql_type


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        (pl.String, "VARCHAR"),
        (pl.List(pl.Int64), "BIGINT[]"),
        (pl.Datetime("us", "UTC"), "TIMESTAMP"),
        (pl.List(pl.Struct({"a": pl.Int64})), 'STRUCT("a" BIGINT)[]'),
    ],
)
def test_types(dtype: pl.DataType, name: str) -> None:
    assert sql_type(dtype) == name


def test_names_and_comments_cannot_break_out() -> None:
    name = 'a"; DROP TABLE b; --'
    with duckdb.connect() as con:
        create_table(con, name, [Column(name, pl.String, "it's", "a 'b'")])
        found = con.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns()"
        ).fetchall()
    assert (name, name, "[it's] a 'b'") in found
    assert quoted('a"b') == '"a""b"'
    assert literal("a'b") == "'a''b'"
