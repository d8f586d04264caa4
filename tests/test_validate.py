from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import balanced_accuracy_score

from stages.errors import run
from stages.files import read_json, write_json
from stages.validate import main
from stages.validating import stance
from stages.validating.figures import balanced, measure
from stages.validating.stance_material import material, read_labels
from stages.validating.stance_readings import kept
from stages.validating.stance_training import train, written
from tests.heuristics.table import SETTINGS

LABELS = Path(__file__).parent.parent / "data" / "labels"


def test_figures_of_four_texts() -> None:
    found = measure(
        ("no", "yes"),
        ["no", "no", "yes", "yes"],
        ["no", "yes", "yes", "yes"],
        ["a", "b", "c", "d"],
        {"balanced_accuracy": balanced, "recall:no": lambda counts: counts[..., 0, 0] / 2},
    )
    assert found["balanced_accuracy"]["value"] == 0.75
    assert found["balanced_accuracy"]["n"] == 4
    assert found["recall:no"]["n"] == 2
    assert found["balanced_accuracy"]["low"] <= 0.75 <= found["balanced_accuracy"]["high"]


def test_no_verdict_is_a_wrong_one() -> None:
    found = measure((0, 1), [0, 1], [0, None], ["a", "b"], {"x": balanced})
    assert found["x"]["value"] == 0.5


def test_texts_of_one_pair_are_drawn_together() -> None:
    # Drawn one by one, a resample could have right without wrong; as a single pair none can.
    found = measure((0, 1), [0, 1, 1], [0, 1, 0], ["a", "a", "a"], {"x": balanced})
    assert (found["x"]["low"], found["x"]["high"]) == (0.75, 0.75)


def test_balanced_accuracy_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(3)
    truth, given = random.integers(0, 4, 60), random.integers(0, 3, 60)
    counts = np.zeros((4, 5))
    np.add.at(counts, (truth, given), 1)
    assert balanced(counts) == pytest.approx(balanced_accuracy_score(truth, given))


def test_the_labels_are_whole() -> None:
    answers = pl.read_ndjson(LABELS / "two_topic.jsonl", infer_schema_length=None)
    assert answers["id"].n_unique() == answers.height >= 216
    assert answers.drop("thinking", "thinking_stance").null_count().sum_horizontal().item() == 0
    assert set(answers["stance"]) == {"separate", "implicit_separate", "connect", "mixed"}
    assert set(answers["truth"]) == {"related", "unrelated"}
    assert set(answers["topics"].list.len()) == {2}


def test_no_pair_is_both_seen_and_unseen() -> None:
    answers = pl.read_ndjson(LABELS / "two_topic.jsonl", infer_schema_length=None)
    pairs = answers.with_columns(pl.col("topics").list.sort().list.join("|"))
    assert pairs.group_by("topics").agg(pl.col("seen").n_unique())["seen"].max() == 1


def test_the_weights_follow_from_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(LABELS.parent.parent)
    labels, phrases = read_labels()
    learned = material(labels.filter("seen"), phrases, kept())
    stance.check_weights(written(train(learned)))


def test_the_stage_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of three authors only, as each is left out in turn: what follows from them is others' weights.
    monkeypatch.setattr(stance, "check_weights", lambda _: None)
    shutil.copytree(LABELS, tmp_path / "data" / "labels")
    answers = tmp_path / "data" / "labels" / "two_topic.jsonl"
    rows = answers.read_text("utf-8").splitlines(keepends=True)
    answers.write_text("".join(row for row in rows if json.loads(row)["author"] in "abr"), "utf-8")
    monkeypatch.chdir(tmp_path)
    write_json(Path("data/plan/score.json"), SETTINGS.model_dump())
    with pytest.raises(SystemExit) as ended:
        run(main, [])
    assert ended.value.code == 0
    found = read_json(Path("data/validation.json"))
    assert {"stance", "thinking_stance", "connections", "forced_connection"} <= set(found)
    for heuristic, result in found.items():
        figure = result["measures"]["balanced_accuracy"]
        assert 0.5 < figure["low"] <= figure["value"] <= figure["high"] <= 1, heuristic
        assert "ootstrap" in result["method"]
    assert set(found["stance"]["measures"]) >= {
        "macro_f1",
        "recall:separate",
        "evidence",
        "balanced_accuracy:other_author",
        "balanced_accuracy:author a",
        "balanced_accuracy:style table",
        "balanced_accuracy:held_out",
    }
