from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from stages.columns import schema
from stages.measuring.spool import Spool
from stages.records import RECORDS, STREAM


def test_rows_come_back_typed_and_whole(tmp_path: Path) -> None:
    began = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    text = 'a\u2028b\n"\\ \U0001f600 \u202e'
    with Spool(tmp_path) as spool:
        spool.add(
            {"response_id": "r", "epoch": 1, "reused": False, "started_at": began},
            [{"response_id": "r", "index": 0, "text": text, "tokens": None}],
        )
        spool.to_parquet(tmp_path / "out")
    records = pl.read_parquet(tmp_path / "out/records.parquet")
    stream = pl.read_parquet(tmp_path / "out/stream.parquet")
    assert records.schema == schema(RECORDS)
    assert stream.schema == schema(STREAM)
    assert records["started_at"].to_list() == [began]
    assert stream["text"].to_list() == [text]
    assert stream["tokens"].to_list() == [None]


def test_no_response_is_a_table_without_rows(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.to_parquet(tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out/records.parquet").schema == schema(RECORDS)


def test_half_a_character_is_replaced_and_costs_nothing_else(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add({"response_id": "r"}, [{"response_id": "r", "text": "a\ud800b"}])
        spool.to_parquet(tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out/stream.parquet")["text"].to_list() == ["a\ufffdb"]
