from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stages.columns import frame, schema
from stages.parquet import write_parquet
from stages.records import RECORDS, STREAM
from stages.tables import CHUNKS, RESPONSES
from stages.transcript.chunks import Chunk
from stages.transcript.responses import interpret, transcribe

S = 1_000_000_000


def record(**fields: Any) -> dict[str, Any]:
    known = dict.fromkeys((column.name for column in RECORDS), None)
    return known | {
        "response_id": "r1", "stop": "stop", "started_at": datetime(2025, 2, 2, tzinfo=UTC)
    } | fields  # fmt: skip


def read(*chunks: Chunk, **fields: Any) -> dict[str, Any]:
    return interpret(record(**fields), list(chunks))[0]


def c(text: str, at: int = 0, field: str = "content", tokens: int | None = 1) -> Chunk:
    return Chunk(field, text, at * S, tokens)


def test_a_plain_answer() -> None:
    found = read(c("4", 2), c("2", 3), output_tokens=3)
    assert (found["status"], found["reason"]) == ("ok", None)
    assert (found["thinking"], found["answer"]) == (None, "42")
    assert (found["thinking_tokens"], found["answer_tokens"]) == (None, 2)
    assert (found["first_token_ns"], found["first_answer_ns"]) == (2 * S, 2 * S)
    assert found["thinking_s"] is None


def test_a_prompted_thought_begins_with_the_first_generated_chunk() -> None:
    found = read(
        c("<think>\n", 1, "injected", 0),
        c("Hm", 3),
        c("\n</think>\n\n", 7, "injected", 0),
        c("42", 8),
        thinking_mode="prompted",
        thought_end="limit",
    )
    assert (found["thinking"], found["answer"], found["status"]) == ("Hm", "42", "ok")
    assert found["thinking_s"] == 5.0
    assert found["first_token_ns"] == 3 * S
    assert (found["thinking_tokens"], found["answer_tokens"]) == (1, 1)
    assert found["tokens_method"] == "engine"


def test_the_space_before_an_answer_isnt_the_answer() -> None:
    found = read(c("a", 1, "thinking"), c("\n\n", 2), c("b", 4))
    assert found["first_answer_ns"] == 4 * S
    assert found["thinking_s"] == 3.0


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("length", "thinking cut by a limit (num_predict or num_ctx)"),
        ("stop", "the model stopped inside its thinking"),
    ],
)
def test_a_thought_that_never_ended(stop: str, reason: str) -> None:
    found = read(c("<think>a"), stop=stop)
    assert (found["status"], found["reason"], found["answer"]) == ("truncated", reason, None)
    assert found["thinking"] == "a"
    assert (found["thinking_tokens"], found["answer_tokens"]) == (1, None)


def test_a_cut_answer_is_kept() -> None:
    found = read(c("<think>a</think>b"), stop="length")
    assert (found["status"], found["reason"]) == (
        "truncated",
        "answer cut by a limit (num_predict or num_ctx)",
    )
    assert found["answer"] == "b"


@pytest.mark.parametrize("stop", ["error", "timeout", "refused"])
def test_a_failure_keeps_what_was_said(stop: str) -> None:
    found = read(c("<think>a</think>b"), stop=stop, reason="why")
    assert (found["status"], found["reason"]) == (stop, "why")
    assert (found["thinking"], found["answer"]) == ("a", "b")
    nothing = read(stop=stop, reason="why")
    assert (nothing["thinking"], nothing["answer"], nothing["tokens_method"]) == (None, None, None)


def test_an_empty_answer_is_an_answer() -> None:
    found = read()
    assert (found["status"], found["answer"]) == ("ok", "")


def raw(folder: Path, records: list[dict[str, Any]], stream: list[dict[str, Any]]) -> Path:
    write_parquet(frame(records, RECORDS), folder / "records.parquet")
    write_parquet(frame(stream, STREAM), folder / "stream.parquet")
    return folder


def chunk(response_id: str, index: int, text: str) -> dict[str, Any]:
    return {
        "response_id": response_id, "index": index, "leg": 0, "t_ns": index * S,
        "field": "content", "text": text, "tokens": 1,
    }  # fmt: skip


@pytest.mark.parametrize("stream_rows", [1, 2, 1_000])
def test_batches_give_the_same_tables(tmp_path: Path, stream_rows: int) -> None:
    folder = raw(
        tmp_path,
        [record(response_id=name) for name in ("c", "silent", "a", "b")],
        [chunk("a", 0, "x"), chunk("a", 1, "y"), chunk("b", 0, "z"), chunk("c", 0, "<think>w")],
    )
    batches = list(transcribe(folder, "m", stream_rows))
    responses = pl.concat([batch.responses for batch in batches])
    chunks = pl.concat([batch.chunks for batch in batches])
    assert responses.schema == schema(RESPONSES)
    assert chunks.schema == schema(CHUNKS)
    answers = dict(responses.select("response_id", "answer").rows())
    assert answers == {"a": "xy", "b": "z", "c": None, "silent": ""}
    assert responses["source"].unique().to_list() == ["m"]
    assert sorted(chunks.select("response_id", "index", "part").rows()) == [
        ("a", 0, "answer"), ("a", 1, "answer"), ("b", 0, "answer"), ("c", 0, "thinking"),
    ]  # fmt: skip


def test_a_run_without_responses(tmp_path: Path) -> None:
    assert list(transcribe(raw(tmp_path, [], []), "m")) == []


def test_a_stream_that_mixes_responses_is_refused(tmp_path: Path) -> None:
    folder = raw(
        tmp_path,
        [record(response_id="a"), record(response_id="b")],
        [chunk("a", 0, "x"), chunk("b", 0, "z"), chunk("a", 1, "y")],
    )
    with pytest.raises(ValueError, match="in one piece"):
        list(transcribe(folder, "m", 1))


def test_two_responses_of_one_id_are_refused(tmp_path: Path) -> None:
    folder = raw(tmp_path, [record(), record(prompt_id="other")], [chunk("r1", 0, "x")])
    with pytest.raises(ValueError, match="holds response r1 twice"):
        list(transcribe(folder, "m"))
