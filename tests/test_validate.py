from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from stages.errors import run
from stages.files import read_json, write_json
from stages.plans.score import ScorePlan
from stages.validate import auc, balanced, macro_f1, main, measure, validate

LABELS = Path(__file__).parent.parent / "data" / "labels"
SETTINGS = ScorePlan(loop_words=30, loop_repeats=20, topics_related_at=0.22)


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


def test_measures_agree_with_scikit_learn() -> None:
    random = np.random.default_rng(3)
    truth, given = random.integers(0, 4, 60), random.integers(0, 3, 60)
    counts = np.zeros((4, 5))
    np.add.at(counts, (truth, given), 1)
    assert balanced(counts) == pytest.approx(balanced_accuracy_score(truth, given))
    assert macro_f1(counts) == pytest.approx(f1_score(truth, given, average="macro"))
    yes, similarity = truth > 1, random.integers(0, 9, 60)
    assert auc(yes.tolist(), pl.Series(similarity)) == pytest.approx(roc_auc_score(yes, similarity))


def labels(name: str) -> pl.DataFrame:
    return pl.read_ndjson(LABELS / f"{name}.jsonl", infer_schema_length=None)


def test_the_labels_are_whole() -> None:
    answers, pairs = labels("two_topic"), labels("topic_pairs")
    assert answers["id"].n_unique() == answers.height >= 120
    assert pairs["id"].n_unique() == pairs.height >= 60
    assert answers.drop("thinking", "thinking_stance").null_count().sum_horizontal().item() == 0
    assert set(answers["stance"]) == {"separate", "implicit_separate", "connect", "mixed"}
    assert set(answers["truth"]) == set(pairs["truth"]) == {"related", "unrelated"}
    assert set(answers["topics"].list.len()) == set(pairs["topics"].list.len()) == {2}


def test_no_word_of_the_pairs_gives_their_label_away() -> None:
    pairs = labels("topic_pairs")
    for place in (0, 1):
        related, unrelated = (
            sorted(pairs.filter(truth=truth)["topics"].list.get(place))
            for truth in ("related", "unrelated")
        )
        assert related == unrelated


def test_no_pair_is_both_seen_and_unseen() -> None:
    answers = labels("two_topic").with_columns(pl.col("topics").list.sort().list.join("|"))
    assert answers.group_by("topics").agg(pl.col("seen").n_unique())["seen"].max() == 1


@pytest.fixture(scope="module")
def found() -> dict:
    return validate(labels("two_topic"), labels("topic_pairs"), SETTINGS)


def test_the_verdicts_are_better_than_guessing(found: dict) -> None:
    assert set(found) == {"stance", "connections", "forced_connection", "topics_related"}
    for heuristic, result in found.items():
        figure = result["measures"]["balanced_accuracy"]
        assert 0.5 < figure["low"] <= figure["value"] <= figure["high"] <= 1, heuristic
        assert result["n"] == figure["n"]
        assert "bootstrap" in result["method"]
    assert set(found["stance"]["measures"]) >= {
        "macro_f1", "recall:separate", "recall:connect", "balanced_accuracy:seen",
    }  # fmt: skip


def test_the_threshold_of_the_plan_counts(found: dict) -> None:
    high = SETTINGS.model_copy(update={"topics_related_at": 1.1})
    other = validate(labels("two_topic"), labels("topic_pairs"), high)["topics_related"]["measures"]
    assert other["recall:related"]["value"] == 0
    assert other["auc"] == found["topics_related"]["measures"]["auc"]


def test_the_stage_writes_the_same_file_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: dict
) -> None:
    shutil.copytree(LABELS, tmp_path / "data" / "labels")
    monkeypatch.chdir(tmp_path)
    write_json(Path("data/plan/score.json"), SETTINGS.model_dump())
    with pytest.raises(SystemExit) as ended:
        run(main, [])
    assert ended.value.code == 0
    assert read_json(Path("data/validation.json")) == found
