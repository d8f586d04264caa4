"""The stage ``sidebyside`` with a scripted engine: what each arm asks, and what answers it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from stages.engines.protocol import EngineError, Serving
from stages.engines.threads import threads_for
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits, SidebysidePlan, Unit
from stages.sidebyside import interleave
from tests.measuring.project import StageProject, asking, unit
from tests.measuring.scripted import ScriptedEngine


def plan(seed: int) -> SidebysidePlan:
    return SidebysidePlan(
        test="t",
        roster=[asking("a"), asking("b")],
        units=[Unit(prompt_id="p", turns=["?"], epoch=epoch, seed=epoch) for epoch in (1, 2, 3)],
        limits=Limits(timeout_s=1, stall_s=1, retries=0),
        reuse="any",
        carry_thinking=False,
        order_seed=seed,
        trace_hz=20,
    )


def test_every_unit_is_asked_alone_of_each_and_together_of_all() -> None:
    blocks = interleave(plan(1))
    assert Counter((block.unit.epoch, block.arm, block.keys) for block in blocks) == Counter(
        (epoch, arm, keys)
        for epoch in (1, 2, 3)
        for arm, keys in (("alone", ("a",)), ("alone", ("b",)), ("together", ("a", "b")))
    )


def test_the_order_is_the_seeds_and_mixes_the_arms() -> None:
    orders = [[block.arm for block in interleave(plan(seed))] for seed in range(8)]
    assert interleave(plan(3)) == interleave(plan(3))
    assert len({tuple(order) for order in orders}) > 1
    assert any(order != sorted(order) for order in orders)


@pytest.fixture
def project(stage_project: StageProject) -> StageProject:
    stage_project.without_sampler()
    return stage_project


def arms(records: pl.DataFrame) -> list[tuple[object, ...]]:
    return records.select("arm", "model", "reused").rows()


FRESH = [
    ("alone", "a", False),
    ("alone", "b", False),
    ("together", "a", False),
    ("together", "b", False),
]
KEPT = [(arm, model, True) for arm, model, _ in FRESH]


def test_both_arms_are_asked_and_traced(stage_project: StageProject) -> None:
    records = stage_project.sidebyside(unit("p"))
    assert arms(records) == FRESH
    assert sorted(key for key, _ in stage_project.engine.asked) == ["a", "a", "b", "b"]
    assert records["response_id"].n_unique() == 4
    assert records["test"].to_list() == ["t"] * 4
    trace = pl.read_parquet("data/sidebyside/t/trace_system.parquet")
    assert set(trace["session_id"]) == set(records["session_id"])
    first, last = trace["t_ns"].min(), trace["t_ns"].max()
    assert first <= records["request_ns"].min() <= records["end_ns"].max() <= last  # type: ignore[operator]


def test_what_is_kept_is_not_asked_again(project: StageProject) -> None:
    first = project.sidebyside(unit("p"))
    again = project.sidebyside(unit("p"))
    assert (project.asked, arms(again)) == (4, KEPT)
    assert again.drop("reused").equals(first.drop("reused"))


def test_another_epoch_asks_no_more_than_that(project: StageProject) -> None:
    project.sidebyside(unit("p"))
    records = project.sidebyside(unit("p"), unit("p", epoch=2))
    assert (project.asked, records["reused"].sum()) == (8, 4)


def test_a_response_of_generate_answers_neither_arm(project: StageProject) -> None:
    entry = project.manifest.model_copy(update={"key": "a", "weights_digest": "a"})
    project.engine.options = {"num_thread": 1}  # so that not even this differs
    project.generate(unit("p"), key="a", entry=entry)
    assert arms(project.sidebyside(unit("p"))) == FRESH
    records = project.generate(unit("p"), unit("q"), key="a", entry=entry)
    assert records.select("arm", "prompt_id", "reused").rows() == [
        ("solo", "p", True),
        ("solo", "q", False),
    ]


@pytest.mark.parametrize("arm", ["alone", "together"])
def test_the_arms_never_answer_each_other(project: StageProject, arm: str) -> None:
    project.sidebyside(unit("p"))
    for path in Path(".overthink/journal").glob("*/units.log"):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if b'"arm":' not in line or f'"{arm}"'.encode() in line]
        assert len(kept) < len(lines)
        path.write_bytes(b"".join(kept))
    records = project.sidebyside(unit("p"))
    assert arms(records) == [(place, model, place == arm) for place, model, _ in FRESH]
    assert project.asked == 6


def test_another_roster_or_option_is_asked_anew(project: StageProject) -> None:
    project.sidebyside(unit("p"))
    records = project.sidebyside(unit("p"), keys=("a", "b", "c"))
    assert not records["reused"].any()
    warmer = [asking("a", temperature=0.5), asking("b")]
    assert not project.sidebyside(unit("p"), roster=warmer)["reused"].any()
    assert not project.sidebyside(unit("p"), weights={"b": "new"})["reused"].any()


def test_another_engine_is_asked_anew_unless_any_may_answer(
    project: StageProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.sidebyside(unit("p"))
    project.engine.version = "scripted 2"
    assert project.sidebyside(unit("p"), reuse="any")["reused"].all()
    assert not project.sidebyside(unit("p"))["reused"].any()
    assert "4 kept responses are of scripted 1 on" in capsys.readouterr().err


def test_models_and_tests_may_be_renamed(project: StageProject) -> None:
    project.sidebyside(unit("p"))
    renamed = project.sidebyside(
        unit("q", "p"), keys=("y", "x"), weights={"x": "a", "y": "b"}, test="u"
    )
    assert project.asked == 4
    rows = renamed.sort("arm", "model").select(
        "arm", "model", "weights_digest", "traced_as", "test"
    )
    assert rows.rows() == [
        (arm, key, was, was, "u")
        for arm in ("alone", "together")
        for key, was in (("x", "a"), ("y", "b"))
    ]


@pytest.mark.parametrize("keys", [("x", "z", "y"), ("z", "y", "x"), ("x", "z", "w")])
def test_two_keys_of_one_model_in_a_roster_have_rows_each(
    project: StageProject, keys: tuple[str, ...]
) -> None:
    same = {"x": "m", "y": "m", "w": "m"}
    talk = unit("talk", "one", "two")
    first = project.sidebyside(talk, keys=("x", "z", "y"), weights=same)
    assert project.asked == 12
    assert first["response_id"].n_unique() == 12
    again = project.sidebyside(talk, keys=keys, weights=same)
    assert (project.asked, again["response_id"].n_unique()) == (12, 12)
    assert Counter(again.select("arm", "model", "turn").rows()) == Counter(
        (arm, key, turn) for arm in ("alone", "together") for key in keys for turn in (1, 2)
    )
    was = {key: key for key in keys} | {"w": "y"}
    for row in again.rows(named=True):
        assert (row["traced_as"] or row["model"]) == was[row["model"]]


def test_later_turns_carry_each_models_own_answers(project: StageProject) -> None:
    talk = unit("talk", "one", "two")

    def said() -> list[tuple[str, str, str]]:
        return [
            (request.messages[0]["content"], key, request.messages[1]["content"])
            for key, request in project.engine.asked
            if len(request.messages) == 3
        ]

    project.sidebyside(talk)
    assert sorted(said()) == sorted(2 * [("one", key, f"{key} on one") for key in ("a", "b")])
    again = project.sidebyside(talk, keys=("b", "a"))
    assert (project.asked, again["reused"].all()) == (8, True)
    stream = pl.read_parquet("data/sidebyside/t/stream.parquet").join(again, on="response_id")
    assert {row["text"] for row in stream.rows(named=True) if row["model"] == "b"} == {
        "b on one",
        "b on two",
    }


def test_more_models_than_cores_give_rows_with_the_reason(
    project: StageProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class TwoCores(ScriptedEngine):
        def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:
            if threads_for(concurrent, 2) is None:
                raise EngineError(f"{concurrent} models need {concurrent} cores")
            return super().serving(manifest, asking, concurrent)

    project.engine = TwoCores()
    records = project.sidebyside(unit("p"), keys=("a", "b", "c"))
    assert records.select("stop", "reason").unique().rows() == [
        ("refused", "3 models need 3 cores")
    ]
    assert (records.height, project.asked) == (6, 0)
    assert project.sidebyside(unit("p"))["stop"].unique().to_list() == ["stop"]


def test_a_model_that_could_not_be_had_costs_the_others_nothing_alone(
    project: StageProject,
) -> None:
    records = project.sidebyside(unit("p"), missing="b")
    assert records.select("arm", "model", "stop").rows() == [
        ("alone", "a", "stop"),
        ("alone", "b", "refused"),
        ("together", "a", "refused"),
        ("together", "b", "refused"),
    ]
    assert "b couldn't be had: no file" in set(records["reason"].drop_nulls())
    assert project.asked == 1


def test_two_keys_of_one_file_in_ollama_are_refused_with_the_reason(
    project: StageProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.manifest = project.manifest.model_copy(update={"engine": "ollama"})
    records = project.sidebyside(unit("talk", "one", "two"), weights={"a": "w", "b": "w"})
    assert (records.height, project.asked, project.engine.loads) == (8, 0, [])
    assert records["stop"].unique().to_list() == ["refused"]
    (reason,) = records["reason"].unique().to_list()
    assert reason.startswith("a and b are the same weights")
    assert capsys.readouterr().err.count(reason) == 1


def test_what_keeps_a_roster_out_of_memory_is_said_before_it_is_asked(
    project: StageProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.engine.most = 1
    project.sidebyside(unit("p"))
    said = capsys.readouterr().err
    assert said.index("t: the embedded engine keeps 1 of 2 models in memory") < said.index(
        "a alone p"
    )
