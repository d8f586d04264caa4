from __future__ import annotations

import json
from typing import Any

import pytest

from stages.columns import frame
from stages.engines.protocol import Outcome
from stages.manifest import Manifest, Missing
from stages.measuring import conversation
from stages.measuring.conversation import Setting, hold, refuse
from stages.plans.units import Asking, Unit
from stages.records import RECORDS, STREAM
from tests.measuring.scripted import ScriptedModel

Rows = list[dict[str, Any]]
OK = Outcome("stop", output_tokens=1)


@pytest.fixture
def setting(asking: Asking, manifest: Manifest) -> Setting:
    return Setting(asking, manifest, "s1", "solo")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation.time, "sleep", lambda _: None)


def run(setting: Setting, turns: list[str], model: ScriptedModel, retries: int = 0) -> Rows:
    records: Rows = []
    streams: Rows = []

    def add(record: dict[str, Any], stream: Rows) -> None:
        records.append(record)
        streams.extend(stream)

    hold(setting, Unit(prompt_id="p", turns=turns, epoch=1, seed=7), model, add, retries)
    frame(records, RECORDS)  # raises for a column that the table doesn't have
    frame(streams, STREAM)
    return records


def test_a_later_turn_carries_the_earlier_answer_without_its_thinking(setting: Setting) -> None:
    model = ScriptedModel([(["<think>hm</think>", " four "], OK), (["five"], OK)])
    first, second = run(setting, ["2 + 2?", "and 1?"], model)
    assert model.asked[1].messages == [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "four"},
        {"role": "user", "content": "and 1?"},
    ]
    assert json.loads(second["messages"]) == model.asked[1].messages
    assert (first["turn"], second["turn"]) == (1, 2)
    assert first["response_id"] != second["response_id"]
    assert [request.seed for request in model.asked] == [7, 7]


def test_after_a_failed_turn_the_rest_is_refused_and_says_so(setting: Setting) -> None:
    model = ScriptedModel([(["par"], Outcome("error", "gone"))])
    first, second = run(setting, ["a", "b"], model)
    assert (first["stop"], first["reason"]) == ("error", "gone")
    assert (second["stop"], second["reason"]) == ("refused", "turn 1 of the conversation failed")
    assert "request_ns" not in second


def test_an_error_is_tried_again_and_only_the_last_try_is_kept(setting: Setting) -> None:
    model = ScriptedModel([(["bad"], Outcome("error", "gone")), (["good"], OK)])
    (record,) = run(setting, ["a"], model, retries=2)
    assert record["stop"] == "stop"
    assert len(model.asked) == 2


def test_a_deadline_is_not_tried_again(setting: Setting) -> None:
    model = ScriptedModel([(["slow"], Outcome("timeout", "too long"))])
    (record,) = run(setting, ["a"], model, retries=2)
    assert record["stop"] == "timeout"


def test_a_model_that_could_not_be_had_gives_a_row_a_turn(asking: Asking) -> None:
    setting = Setting(asking, Missing(key="small", engine="embedded", error="no file"), "s", "solo")
    records: Rows = []
    unit = Unit(prompt_id="p", turns=["a", "b"], epoch=1, seed=1)
    refuse(setting, unit, {}, "no file", lambda record, _: records.append(record))
    assert [record["stop"] for record in records] == ["refused", "refused"]
    assert {record["weights_digest"] for record in records} == {None}
    assert len({record["response_id"] for record in records}) == 2
