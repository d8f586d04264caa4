"""Turn after turn with one model: what goes out, what is recorded, what an identity depends on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stages.columns import frame
from stages.engines.protocol import Outcome, Serving
from stages.manifest import Manifest, Missing
from stages.measuring.conversation import Asked, Conversation, Setting, all_finished
from stages.plans.units import Asking, Unit
from stages.records import RECORDS
from tests.measuring.scripted import OK, Reply, ScriptedModel


@pytest.fixture
def setting(asking: Asking, manifest: Manifest) -> Setting:
    return Setting(asking, manifest, Serving("scripted 1", {"temperature": 0.5}), "solo")


def talk(*turns: str) -> Unit:
    return Unit(prompt_id="p", turns=list(turns), epoch=2, seed=7)


def hold(setting: Setting, unit: Unit, *replies: Reply) -> tuple[list[Asked], ScriptedModel]:
    """The whole conversation; what can't be asked is refused."""
    model = ScriptedModel(replies)
    conversation, responses = Conversation(setting, unit), []
    while not conversation.done:
        reason = conversation.failed
        asked = (
            conversation.refused(reason, "s") if reason else conversation.ask(model, "s", 1, ["m"])
        )
        conversation.answered(asked.record["stop"], asked.recording.chunks)
        responses.append(asked)
    frame([asked.record for asked in responses], RECORDS)  # raises for a column that isn't there
    return responses, model


def test_a_later_turn_carries_the_earlier_answer_without_its_thinking(setting: Setting) -> None:
    replies = (["<think>hm</think>", " four "], OK), (["five"], OK)
    (first, second), model = hold(setting, talk("2 + 2?", "and 1?"), *replies)
    assert model.asked[0].messages == [{"role": "user", "content": "2 + 2?"}]
    assert model.asked[1].messages == [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "four"},
        {"role": "user", "content": "and 1?"},
    ]
    assert json.loads(first.record["messages"]) == model.asked[0].messages
    assert json.loads(second.record["messages"]) == model.asked[1].messages
    assert [request.seed for request in model.asked] == [7, 7]


def test_the_thinking_goes_along_where_that_is_wanted(setting: Setting) -> None:
    setting = replace(setting, carry_thinking=True)
    replies = (["<think>hm</think>four"], OK), (["five"], OK)
    _, model = hold(setting, talk("2 + 2?", "and 1?"), *replies)
    assert model.asked[1].messages[1]["content"] == "<think>\nhm\n</think>\n\nfour"


def test_a_row_says_what_was_asked_of_whom_and_how(setting: Setting, manifest: Manifest) -> None:
    before = datetime.now(UTC)
    (asked,), _ = hold(setting, talk("hi"), (["ho"], Outcome("length", output_tokens=16)))
    row = asked.record
    assert before <= row.pop("started_at") <= datetime.now(UTC)
    assert 0 < row.pop("request_ns") <= row.pop("end_ns")
    assert row == {
        "model": "small",
        "prompt_id": "p",
        "epoch": 2,
        "arm": "solo",
        "test": None,
        "turn": 1,
        "seed": 7,
        "messages": '[{"role": "user", "content": "hi"}]',
        "options": '{"temperature": 0.5}',
        "thinking_mode": "none",
        "stop": "length",
        "reason": None,
        "fault": None,
        "tries": 1,
        "thought_end": None,
        "session_id": "s",
        "load_ns": None,
        "prefill_ns": None,
        "decode_ns": None,
        "prompt_tokens": None,
        "output_tokens": 16,
        "engine": "embedded",
        "engine_version": "scripted 1",
        "weights_digest": manifest.weights_digest,
        "template_hash": None,
        "also_held": [],
    }
    assert [chunk.text for chunk in asked.recording.chunks] == ["ho"]


def test_a_row_says_what_else_its_server_held_before_or_after(setting: Setting) -> None:
    def also_held(*held: list[str] | None) -> list[str] | None:
        before, after = held
        model = ScriptedModel([(["x"], OK)])
        model.held = lambda: after  # type: ignore[method-assign]
        asked = Conversation(setting, talk("?")).ask(model, "s", 1, before)
        found: list[str] | None = asked.record["also_held"]
        return found

    assert also_held(["m"], ["m"]) == []
    assert also_held(["m", "z"], ["a", "m", "z"]) == ["a", "z"]
    assert also_held([], ["a"]) == ["a"]
    assert also_held(["a"], None) is None  # it may hold anything by now


def test_after_a_failed_turn_the_rest_is_refused_and_says_so(setting: Setting) -> None:
    unit = talk("a", "b", "c")
    (first, *rest), model = hold(setting, unit, (["par"], Outcome("error", "gone", "reset")))
    assert (first.record["stop"], first.record["reason"]) == ("error", "gone")
    assert [chunk.text for chunk in first.recording.chunks] == ["par"]
    for asked in rest:
        assert asked.record["stop"] == "refused"
        assert asked.record["reason"] == "turn 1 of the conversation failed"
        assert asked.record["tries"] == 0
        assert "request_ns" not in asked.record
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("outcome", "finished", "timed_out"),
    [
        (OK, True, False),
        (Outcome("length"), True, False),
        (Outcome("timeout", "late", "deadline"), True, True),
        (Outcome("timeout", "silent", "stall"), False, False),
        (Outcome("error", "gone", "reset"), False, False),
        (Outcome("error", "no", "rejected"), False, False),
    ],
)
def test_a_limit_that_was_asked_for_is_an_answer_and_a_fault_is_none(
    setting: Setting, outcome: Outcome, finished: bool, timed_out: bool
) -> None:
    (asked,), _ = hold(setting, talk("a"), ([], outcome))
    assert (asked.finished, asked.timed_out, all_finished([asked])) == (
        finished,
        timed_out,
        finished,
    )


def test_turns_behind_one_that_had_all_its_time_are_no_reason_to_ask_again(
    setting: Setting,
) -> None:
    late, _ = hold(setting, talk("a", "b"), ([], Outcome("timeout", "late", "deadline")))
    assert all_finished(late)
    assert not all_finished(late[1:])
    beside, _ = hold(
        replace(setting, asking=setting.asking.model_copy(update={"key": "other"})),
        talk("a", "b"),
        ([], Outcome("error", "gone", "reset")),
    )
    assert not all_finished([*late, *beside])


def test_a_model_that_could_not_be_had_gives_rows_with_nothing_made_up(asking: Asking) -> None:
    missing = Missing(key="small", engine="embedded", error="no file")
    conversation = Conversation(Setting(asking, missing, None, "solo"), talk("a"))
    record = conversation.refused("no file", "s").record
    assert (record["stop"], record["reason"]) == ("refused", "no file")
    assert (record["weights_digest"], record["engine_version"]) == (None, None)
    assert json.loads(record["options"]) == asking.options.model_dump()


def test_who_answers_is_its_weights_and_options_and_not_its_key(
    setting: Setting, manifest: Manifest
) -> None:
    renamed = setting.asking.model_copy(update={"key": "other"})
    assert replace(setting, asking=renamed).member == setting.member
    other = manifest.model_copy(update={"weights_digest": "sha256:f"})
    templated = manifest.model_copy(update={"template_hash": "sha256:f"})
    warmer = Serving("scripted 1", {"temperature": 0.6})
    newer = Serving("scripted 2", {"temperature": 0.5})
    assert replace(setting, serving=newer).member == setting.member  # `reuse` decides on that
    members = {
        setting.member,
        replace(setting, manifest=other).member,
        replace(setting, manifest=templated).member,
        replace(setting, serving=warmer).member,
    }
    assert len(members) == 4


def test_a_turn_is_another_unit_after_another_answer(setting: Setting) -> None:
    unit = talk("a", "b")
    (one, two), _ = hold(setting, unit, (["x"], OK), (["y"], OK))
    (same, other), _ = hold(setting, unit, (["z"], OK), (["y"], OK))
    assert one.unit_id == same.unit_id
    assert two.unit_id != other.unit_id
