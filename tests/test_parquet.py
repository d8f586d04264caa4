from __future__ import annotations

import errno
import os
from pathlib import Path

import polars as pl
import pytest

from stages.columns import Column
from stages.parquet import disk_faults
from stages.transcript.batched import BatchedTable

FULL = Path("/dev/full")  # every write to it finds no space left


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EROFS])
def test_what_polars_says_of_the_disk_is_an_error_of_the_system(code: int) -> None:
    with pytest.raises(OSError) as caught, disk_faults(Path("t.parquet")):
        raise pl.exceptions.ComputeError(f"parquet: underlying IO error: {os.strerror(code)}")
    assert (caught.value.errno, caught.value.filename) == (code, "t.parquet")


def test_what_it_says_of_the_table_stays_its_own() -> None:
    with pytest.raises(pl.exceptions.ComputeError), disk_faults(Path("t.parquet")):
        raise pl.exceptions.ComputeError("cannot compare text with numbers")


@pytest.mark.skipif(not FULL.exists(), reason="Linux's device")
def test_a_disk_that_is_full_while_a_table_is_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BatchedTable, "_part", lambda *_: FULL)
    table = BatchedTable(tmp_path / "t.parquet", (Column("a", pl.Int64, "", "A number."),))
    with pytest.raises(OSError, match="No space left"), table:
        table.add(pl.DataFrame({"a": range(100_000)}))
    assert not (tmp_path / "t.parquet").exists()
