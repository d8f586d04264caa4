from __future__ import annotations

import json
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


IN_THOUGHT = {
    "native": [c("a", 1, "thinking")],
    "tags": [c("<think>"), c("a")],
    "prompted": [c("<think>\n", 1, "injected", 0), c("a")],
}
IN_ANSWER = {
    "native": [c("a", 1, "thinking"), c("b", 2)],
    "tags": [c("<think>"), c("a"), c("</think>"), c("b")],
    "opened by the template": [c("a"), c("</think>"), c("b")],
    "prompted": [
        c("<think>\n", 1, "injected", 0), c("a"), c("\n</think>\n\n", 2, "injected", 0), c("b")
    ],
}  # fmt: skip
NO_WORD = {
    "native": [c("a", 1, "thinking"), c("\n\n", 2)],
    "tags": [c("<think>"), c("a"), c("</think>")],
    "prompted": [c("<think>\n", 1, "injected", 0), c("a"), c("\n</think>", 2, "injected", 0)],
}
LIMIT = "cut by a limit (num_predict or num_ctx)"
INSIDE = "the model stopped inside its thinking"


@pytest.mark.parametrize("how", IN_THOUGHT)
def test_a_thought_that_never_ended_has_no_answer(how: str) -> None:
    cut, stopped = (read(*IN_THOUGHT[how], stop=stop) for stop in ("length", "stop"))
    for found in (cut, stopped):
        assert (found["status"], found["thinking"], found["answer"]) == ("truncated", "a", None)
        assert found["answer_tokens"] is None
    assert cut["reason"] == f"thinking {LIMIT}"
    unsaid = " or straight after it (the server doesn't say)" if how == "native" else ""
    assert stopped["reason"] == f"{INSIDE}{unsaid}"


@pytest.mark.parametrize("how", IN_ANSWER)
def test_a_cut_answer_is_kept(how: str) -> None:
    found = read(*IN_ANSWER[how], stop="length")
    assert (found["status"], found["reason"]) == ("truncated", f"answer {LIMIT}")
    assert (found["thinking"], found["answer"]) == ("a", "b")
    assert read(*IN_ANSWER[how])["status"] == "ok"


@pytest.mark.parametrize("how", NO_WORD)
def test_an_empty_answer_after_a_thought_is_an_answer(how: str) -> None:
    found = read(*NO_WORD[how])
    assert (found["status"], found["reason"], found["answer"]) == ("ok", None, "")
    assert read(*NO_WORD[how], stop="length")["reason"] == f"answer {LIMIT}"


@pytest.mark.parametrize("stop", ["error", "timeout", "refused"])
def test_a_failure_keeps_what_was_said(stop: str) -> None:
    found = read(c("<think>a</think>b"), stop=stop, reason="why")
    assert (found["status"], found["reason"]) == (stop, "why")
    assert (found["thinking"], found["answer"]) == ("a", "b")
    nothing = read(stop=stop, reason="why")
    assert (nothing["thinking"], nothing["answer"], nothing["tokens_method"]) == (None, None, None)


def test_an_empty_answer_is_an_answer() -> None:
    found = read(output_tokens=1)
    assert (found["status"], found["answer"], found["answer_tokens"]) == ("ok", "", 0)
    assert found["tokens_unattributed"] == 1


def test_what_the_parts_do_not_account_for_is_recorded() -> None:
    both = [c("a", 1, "thinking"), c("b", 2)]
    assert read(*both, output_tokens=3)["tokens_unattributed"] == 1
    assert read(*both, output_tokens=1)["tokens_unattributed"] == -1
    assert read(*both)["tokens_unattributed"] is None


def test_a_stream_that_was_cut_before_anybody_counted_is_estimated() -> None:
    found = read(c("a" * 100, tokens=None), stop="timeout", reason="why", fault="stall", tries=3)
    assert (found["answer_tokens"], found["tokens_method"]) == (27, "estimated")
    assert (found["tokens_unattributed"], found["fault"], found["tries"]) == (None, "stall", 3)


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


def test_a_turn_is_held_against_the_turn_before_also_in_another_batch(tmp_path: Path) -> None:
    said = json.dumps([{"role": "user", "content": "Hello"}])
    folder = raw(
        tmp_path,
        [record(response_id=f"{epoch}-{turn}", epoch=epoch, turn=turn, prompt_tokens=tokens,
                messages=said, options="{}")
         for epoch, turn, tokens in ((1, 2, 9), (2, 1, 30), (1, 1, 10), (2, 2, 40))],
        [chunk(name, 0, "x") for name in ("1-2", "2-1", "1-1", "2-2")],
    )  # fmt: skip
    found = pl.concat([batch.responses for batch in transcribe(folder, "m", 1)])
    assert dict(found.select("response_id", "prompt_shortened").rows()) == {
        "1-1": False, "1-2": True, "2-1": False, "2-2": False,
    }  # fmt: skip


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
