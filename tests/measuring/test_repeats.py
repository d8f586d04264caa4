"""The same question with the same seed, of a model just loaded and once more after it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stages.engines.protocol import EngineError, Outcome, Request
from stages.journal.journal import open_journal
from stages.measuring import attempts
from stages.measuring.repeats import TOKENS
from tests.measuring.project import OPTIONS, StageProject, asking, unit
from tests.measuring.scripted import OK, Reply


@pytest.fixture
def project(stage_project: StageProject, monkeypatch: pytest.MonkeyPatch) -> StageProject:
    stage_project.without_sampler()
    monkeypatch.setattr(attempts.time, "sleep", lambda _: None)
    return stage_project


def generate(project: StageProject, repeats: int = 2, **plan: Any) -> pl.DataFrame:
    return project.generate(unit("p"), repeated=unit("p"), repeats=repeats, **plan)


def test_each_repeat_is_a_load_and_two_questions_with_one_seed(project: StageProject) -> None:
    records = generate(project)
    rows = records.sort("request_ns").select("arm", "epoch", "seed", "turn")
    assert rows.rows() == [
        ("solo", 1, 1, 1),
        ("fresh", 1, 1, 1),
        ("warm", 1, 1, 1),
        ("fresh", 2, 1, 1),
        ("warm", 2, 1, 1),
    ]
    assert (project.engine.loads, project.engine.unloads) == (["m"] * 3, ["m"] * 3)
    assert records["response_id"].n_unique() == 5


def test_none_are_asked_where_none_are_wanted(project: StageProject) -> None:
    assert generate(project, repeats=0)["arm"].to_list() == ["solo"]


@pytest.mark.parametrize(("longest", "asked"), [(16, 16), (TOKENS + 1, TOKENS)])
def test_they_are_cut_short(project: StageProject, longest: int, asked: int) -> None:
    records = generate(project, 1, model=asking("m", num_predict=longest, num_ctx=4096))
    options = {arm: json.loads(o) for arm, o in records.select("arm", "options").rows()}
    assert options["solo"]["num_predict"] == longest
    assert options["fresh"]["num_predict"] == options["warm"]["num_predict"] == asked
    assert options["fresh"]["temperature"] == OPTIONS.temperature


def test_they_are_never_cold_themselves(project: StageProject) -> None:
    model = asking("m").model_copy(update={"cold": True})
    project.engine.options = {"cold": True}
    options = dict(generate(project, 1, model=model).select("arm", "options").rows())
    assert "cold" in json.loads(options["solo"])
    assert "cold" not in json.loads(options["fresh"])


def test_what_is_kept_is_not_asked_again_and_more_cost_only_what_is_new(
    project: StageProject,
) -> None:
    generate(project, 1)
    assert generate(project, 1)["reused"].all()
    assert project.asked == 3
    more = generate(project, 2)
    assert (project.asked, more["reused"].sum()) == (5, 3)


def test_a_pair_is_kept_whole_or_not_at_all(project: StageProject) -> None:
    calls: Counter[str] = Counter()

    def reply(key: str, request: Request) -> Reply:
        calls[key] += 1
        if calls[key] == 3:  # solo, fresh, warm
            return ["par"], Outcome("error", "gone", "rejected")
        return ["x"], OK

    project.engine.reply = reply
    first = generate(project, 1)
    assert dict(first.select("arm", "stop").rows())["warm"] == "error"
    project.engine.reply = lambda *_: (["x"], OK)
    again = generate(project, 1)
    assert dict(again.select("arm", "reused").rows()) == {
        "solo": True,
        "fresh": False,
        "warm": False,
    }
    kept = open_journal(Path(".overthink/journal"))
    assert sum(entry.head.finished for session in kept.sessions for entry in session.entries) == 2


def test_a_model_that_cannot_be_loaded_again_is_said_once_and_costs_nothing_else(
    project: StageProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(key: str, request: Request) -> Reply:
        project.engine.refusals = [EngineError("other weights") for _ in range(9)]
        return ["x"], OK

    project.engine.reply = reply
    records = generate(project)
    assert records.select("arm", "stop").rows() == [("solo", "stop")]
    said = capsys.readouterr().err
    assert said.count("whether its texts repeat wasn't looked at: other weights") == 1
