from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stages.columns import Column, frame, schema
from stages.errors import UserError
from stages.files import write_json
from stages.heuristics.base import Heuristic, Result, no_notes
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score_columns
from stages.imports import main as import_file
from stages.parquet import write_parquet
from stages.plans.score import ScorePlan
from stages.records import RECORDS, STREAM
from stages.score import main, score_source
from stages.tables import CHUNKS, NOTES, RESPONSES
from tests.heuristics import table

SETTINGS = table.SETTINGS.model_dump()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_json(Path("data/plan/score.json"), SETTINGS)
    prompt = {
        "prompt_id": "war", "set": "s", "turns": ["War and universities"],
        "topics": ["war", "universities"], "truth": "unrelated", "reference": None, "pair": None,
        "reconstructed": False,
    }  # fmt: skip
    write_json(Path("data/plan/prompts.json"), {"prompts": [prompt]})


def recorded(folder: str, *texts: str) -> None:
    """Raw tables of one response a text, each streamed as a single chunk of ten tokens."""
    ids = [f"r{n}" for n in range(len(texts))]
    records: list[dict[str, Any]] = [
        {"response_id": one, "model": "m", "prompt_id": "war", "epoch": 1, "turn": 1,
         "stop": "stop", "output_tokens": 11, "started_at": datetime(2025, 2, 2, tzinfo=UTC)}
        for one in ids
    ]  # fmt: skip
    stream = [
        {"response_id": one, "index": 0, "leg": 0, "t_ns": 1, "field": "content", "text": text,
         "tokens": 10}
        for one, text in zip(ids, texts, strict=True)
    ]  # fmt: skip
    write_parquet(frame(records, RECORDS), Path(folder) / "records.parquet")
    write_parquet(frame(stream, STREAM), Path(folder) / "stream.parquet")


def tables(source: str) -> dict[str, pl.DataFrame]:
    paths = {
        "responses": f"data/transcripts/{source}/responses.parquet",
        "chunks": f"data/transcripts/{source}/chunks.parquet",
        "scores": f"data/scores/{source}.parquet",
        "notes": f"data/scores/{source}.notes.parquet",
    }
    return {name: pl.read_parquet(path) for name, path in paths.items()}


@pytest.mark.parametrize("kind", ["responses", "sidebyside"])
def test_raw_records_become_four_tables(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(
        f"data/{kind}/m",
        "The two have nothing to do with each other.",
        "Both the war and the universities have shaped the country.",
    )
    main(["m"])
    found = tables("m")
    assert found["responses"].schema == schema(RESPONSES)
    assert found["chunks"].schema == schema(CHUNKS)
    assert found["scores"].schema == schema(score_columns(discover()))
    assert found["notes"].schema == schema(NOTES)
    assert found["scores"].select("response_id", "stance", "forced_connection").rows() == [
        ("r0", "separate", False),
        ("r1", "connect", True),
    ]
    assert found["scores"]["answer_tokens"].to_list() == [10, 10]
    assert capsys.readouterr().out.startswith("score m: 2 responses, ")


def test_an_import_has_its_own_prompts() -> None:
    write_json(Path("data/plan/import/chats.json"), {"name": "chats", "file": "my.jsonl"})
    Path("my.jsonl").write_text(
        '{"prompt": "p", "topics": ["sun", "moon"], "truth": "related",'
        ' "answer": "Both the sun and the moon are in the sky."}\n'
    )
    import_file(["chats"])
    main(["chats"])
    row = tables("chats")["scores"].row(0, named=True)
    assert (row["response_id"], row["stance"]) == ("chats/1", "connect")
    assert row["forced_connection"] is False
    assert tables("chats")["chunks"].height == 1


def test_a_source_without_responses_has_empty_tables() -> None:
    recorded("data/responses/m")
    main(["m"])
    assert [one.height for one in tables("m").values()] == [0, 0, 0, 0]


def test_a_source_that_was_never_recorded() -> None:
    with pytest.raises(UserError, match="nothing is recorded of 'm'"):
        main(["m"])


def test_heuristics_over_a_group_see_every_response() -> None:
    def lengths(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
        length = pl.col("answer").str.len_chars().cast(pl.Int64)
        return Result(frame.select(length.alias("length")), no_notes())

    def shares(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
        share = pl.col("length") / pl.col("length").sum()
        return Result(frame.select(share.alias("share")), no_notes())

    length = Heuristic(
        "length", (Column("length", pl.Int64, "", "Length."),), ("answer",), "", lengths
    )
    share = Heuristic(
        "share",
        (Column("share", pl.Float64, "", "Share."),),
        ("length", "truth"),
        "",
        shares,
        requires=("length",),
        scope="group",
    )
    recorded("data/responses/m", "abc", "d")
    score_source("m", ScorePlan(**SETTINGS), [length, share])
    assert tables("m")["scores"].rows() == [("r0", 3, 0.75), ("r1", 1, 0.25)]
