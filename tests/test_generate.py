"""The stage ``generate`` with a scripted engine: what is asked, kept, and asked again."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from stages.engines.protocol import EngineError, Outcome
from stages.manifest import Missing
from stages.measuring import attempts
from stages.plans.units import Limits
from tests.measuring.project import StageProject, asking, unit
from tests.measuring.scripted import OK


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts.time, "sleep", lambda _: None)


def retrying(retries: int) -> Limits:
    return Limits(timeout_s=60, stall_s=30, retries=retries)


def test_what_is_kept_is_not_asked_again(stage_project: StageProject) -> None:
    first = stage_project.generate(unit("a"), unit("b"))
    assert (stage_project.asked, first["reused"].to_list()) == (2, [False, False])
    again = stage_project.generate(unit("a"), unit("b"))
    assert (stage_project.asked, again["reused"].to_list()) == (2, [True, True])
    assert again.drop("reused").equals(first.drop("reused"))


def test_only_what_is_new_is_asked(stage_project: StageProject) -> None:
    stage_project.generate(unit("a"))
    records = stage_project.generate(unit("a"), unit("b"), unit("a", epoch=2))
    assert stage_project.asked == 3
    assert records.select("prompt_id", "epoch", "reused").rows() == [
        ("a", 1, True),
        ("a", 2, False),
        ("b", 1, False),
    ]


def test_nothing_is_loaded_where_everything_is_kept(stage_project: StageProject) -> None:
    stage_project.generate(unit("a"))
    stage_project.generate(unit("a"))
    assert stage_project.engine.loads == ["m"]


def test_another_option_digest_or_engine_is_asked_anew(stage_project: StageProject) -> None:
    stage_project.generate(unit("a"))
    stage_project.generate(unit("a"), model=asking("m", temperature=0.5))
    assert stage_project.asked == 2
    other = stage_project.manifest.model_copy(update={"key": "m", "weights_digest": "sha256:f"})
    stage_project.generate(unit("a"), entry=other)
    assert stage_project.asked == 3
    stage_project.engine.version = "scripted 2"
    stage_project.generate(unit("a"))
    assert stage_project.asked == 4


def test_reuse_any_takes_what_another_engine_version_said(stage_project: StageProject) -> None:
    stage_project.generate(unit("a"))
    stage_project.engine.version = "scripted 2"
    records = stage_project.generate(unit("a"), reuse="any")
    assert stage_project.asked == 1
    assert records["engine_version"].to_list() == ["scripted 1"]


def test_a_model_or_a_prompt_may_be_renamed(stage_project: StageProject) -> None:
    stage_project.generate(unit("a"))
    records = stage_project.generate(unit("b", "a"), key="n")
    assert stage_project.asked == 1
    assert records.select("model", "prompt_id", "reused").rows() == [("n", "b", True)]


def test_two_prompts_that_begin_alike_have_an_answer_each(stage_project: StageProject) -> None:
    units = unit("a"), unit("long", "a", "b")
    for _ in range(2):
        records = stage_project.generate(*units)
        assert stage_project.asked == 3
        assert records["response_id"].n_unique() == 3
        assert records["request_ns"].n_unique() == 3


def test_a_conversation_goes_on_where_it_stopped(stage_project: StageProject) -> None:
    stage_project.generate(unit("talk", "one"))
    stage_project.generate(unit("talk", "one", "two"))
    assert stage_project.asked == 2
    assert stage_project.engine.asked[1][1].messages == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "m on one"},
        {"role": "user", "content": "two"},
    ]


def test_a_failed_response_keeps_what_it_said_and_is_asked_again(
    stage_project: StageProject,
) -> None:
    stage_project.engine.reply = lambda *_: (["par"], Outcome("error", "gone", "reset"))
    (failed,) = stage_project.generate(unit("a")).rows(named=True)
    assert (failed["stop"], failed["reason"], failed["fault"]) == ("error", "gone", "reset")
    stream = pl.read_parquet("data/responses/m/stream.parquet")
    assert stream["text"].to_list() == ["par"]
    stage_project.engine.reply = lambda *_: (["whole"], OK)
    (record,) = stage_project.generate(unit("a")).rows(named=True)
    assert (record["stop"], record["reused"]) == ("stop", False)


def test_a_passing_fault_is_tried_again_on_a_model_loaded_anew(
    stage_project: StageProject,
) -> None:
    replies = [(["par"], Outcome("error", "gone", "reset")), (["whole"], OK)]
    stage_project.engine.reply = lambda *_: replies.pop(0)
    (record,) = stage_project.generate(unit("a"), limits=retrying(1)).rows(named=True)
    assert (record["stop"], record["tries"]) == ("stop", 2)
    assert stage_project.engine.loads == ["m", "m"]
    assert pl.read_parquet("data/responses/m/stream.parquet")["text"].to_list() == ["whole"]


@pytest.mark.parametrize("fault", ["deadline", "rejected"])
def test_another_try_that_cannot_help_is_not_made(stage_project: StageProject, fault: str) -> None:
    stage_project.engine.reply = lambda *_: ([], Outcome("timeout", "slow", fault))  # type: ignore[arg-type]
    stage_project.generate(unit("a"), limits=retrying(3))
    assert stage_project.asked == 1


def test_a_deadline_is_a_finding_until_more_time_is_given_or_it_is_marked(
    stage_project: StageProject,
) -> None:
    stage_project.engine.reply = lambda *_: (["slow"], Outcome("timeout", "late", "deadline"))
    stage_project.generate(unit("a"))
    assert stage_project.generate(unit("a"))["reused"].to_list() == [True]
    longer = Limits(timeout_s=61, stall_s=30, retries=0)
    assert stage_project.generate(unit("a"), limits=longer)["reused"].to_list() == [False]
    assert stage_project.generate(unit("a"), mark="again")["reused"].to_list() == [False]


def test_after_a_failed_turn_the_rest_is_refused_and_says_so(stage_project: StageProject) -> None:
    stage_project.engine.reply = lambda *_: (["par"], Outcome("error", "gone", "reset"))
    _, second = stage_project.generate(unit("talk", "one", "two")).rows(named=True)
    assert (second["stop"], second["reason"]) == ("refused", "turn 1 of the conversation failed")
    assert (second["request_ns"], second["tries"]) == (None, 0)
    assert stage_project.asked == 1


def test_a_model_that_can_not_be_loaded_is_tried_again_then_refuses(
    stage_project: StageProject,
) -> None:
    down = [EngineError("nobody answers", "connection") for _ in range(4)]
    stage_project.engine.refusals = down[:1]
    records = stage_project.generate(unit("a"), limits=retrying(1))
    assert records["stop"].to_list() == ["stop"]
    stage_project.engine.refusals = down
    records = stage_project.generate(unit("b"), unit("c"), limits=retrying(1))
    assert records.select("stop", "reason").unique().rows() == [("refused", "nobody answers")]
    assert len(stage_project.engine.loads) == 6


def test_what_only_the_user_can_mend_is_not_tried_again(stage_project: StageProject) -> None:
    stage_project.engine.refusals = [EngineError("other weights")]
    records = stage_project.generate(unit("a"), unit("b"), limits=retrying(3))
    assert records["reason"].to_list() == ["other weights"] * 2
    assert stage_project.engine.loads == ["m"]


def test_a_model_that_could_not_be_had_gives_a_row_a_turn(stage_project: StageProject) -> None:
    missing = Missing(key="m", engine="embedded", error="no file")
    records = stage_project.generate(unit("talk", "one", "two"), entry=missing)
    assert records["stop"].to_list() == ["refused", "refused"]
    assert records["reason"][0] == "the model couldn't be had: no file"
    assert records["response_id"].n_unique() == 2
    assert not stage_project.engine.loads


def test_an_interruption_keeps_what_is_finished(
    stage_project: StageProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(_key: str, request: object) -> object:
        if stage_project.asked == 2:
            raise KeyboardInterrupt
        return ["fine"], OK

    stage_project.engine.reply = reply  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        stage_project.generate(unit("a"), unit("b"), unit("c"))
    assert "1 of 3 responses are kept" in capsys.readouterr().err
    assert not Path("data/responses/m").exists()
    records = stage_project.generate(unit("a"), unit("b"), unit("c"))
    assert stage_project.asked == 4
    assert sorted(records["reused"].to_list()) == [False, False, True]
    sessions = pl.read_parquet("data/responses/m/sessions.parquet")
    assert set(records["session_id"]) == set(sessions["session_id"])
    trace = pl.read_parquet("data/responses/m/trace_system.parquet")
    assert set(trace["session_id"]) == set(sessions["session_id"])


def test_the_options_that_went_are_those_that_are_recorded(stage_project: StageProject) -> None:
    (record,) = stage_project.generate(unit("a")).rows(named=True)
    assert json.loads(record["options"])["num_thread"] == 1
    assert json.loads(record["messages"]) == [{"role": "user", "content": "a"}]
