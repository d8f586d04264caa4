from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stages.columns import Column
from stages.transcript.batched import BatchedTable

COLUMNS = (Column("n", pl.Int64, "", "A number."),)


def test_batches_become_one_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.parquet"
    with BatchedTable(path, COLUMNS) as table:
        table.add(pl.DataFrame({"n": [1, 2]}))
        table.add(pl.DataFrame({"n": [3]}))
    assert pl.read_parquet(path)["n"].to_list() == [1, 2, 3]
    assert [file.name for file in path.parent.iterdir()] == ["t.parquet"]


def test_no_batch_is_an_empty_table(tmp_path: Path) -> None:
    with BatchedTable(tmp_path / "t.parquet", COLUMNS):
        pass
    assert pl.read_parquet(tmp_path / "t.parquet").schema == {"n": pl.Int64}


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"n": [7]}).write_parquet(path)
    with pytest.raises(RuntimeError), BatchedTable(path, COLUMNS) as table:
        table.add(pl.DataFrame({"n": [1]}))
        raise RuntimeError
    assert pl.read_parquet(path)["n"].to_list() == [7]
    assert [file.name for file in tmp_path.iterdir()] == ["t.parquet"]


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(pl.exceptions.SchemaError),
        BatchedTable(tmp_path / "t.parquet", COLUMNS) as table,
    ):
        table.add(pl.DataFrame({"n": ["x"]}))
