from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stages.heuristics import abstains
from stages.validating.abstention import LABELS, measured, verdicts
from tests.heuristics.table import SETTINGS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def labelled(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    monkeypatch.chdir(ROOT)
    return pl.read_ndjson(LABELS, infer_schema_length=None)


def test_the_labels_are_whole(labelled: pl.DataFrame) -> None:
    assert labelled["id"].is_unique().all()
    for row in labelled.to_dicts():
        assert all(said in row["answer"] for said in row["evidence"])
        assert bool(row["evidence"]) == row["abstains"]
    # No question on both sides of the split.
    sides = labelled.group_by("prompt").agg(pl.col("seen").n_unique())
    assert sides["seen"].max() == 1


def test_figures_of_the_labels(labelled: pl.DataFrame) -> None:
    found = measured(SETTINGS)
    figures = found["measures"]
    assert found["n"] == labelled["seen"].not_().sum() == figures["balanced_accuracy"]["n"]
    assert figures["balanced_accuracy"]["value"] > 0.7
    assert figures["balanced_accuracy:seen"]["value"] > 0.95
    assert figures["evidence:seen"]["value"] > 0.85


def test_the_confidence_follows_from_the_labels(labelled: pl.DataFrame) -> None:
    judged = verdicts(labelled, SETTINGS).drop_nulls("confidence")
    by = judged.group_by("confidence").agg((pl.col("given") == pl.col("abstains")).alias("right"))
    shares = {one: round((sum(right) + 1) / (len(right) + 2), 2) for one, right in by.iter_rows()}
    assert all(value == pytest.approx(share, abs=0.005) for value, share in shares.items())
    assert set(shares) == {
        abstains.CONFIDENCE_SAID,
        abstains.CONFIDENCE_HINTED,
        abstains.CONFIDENCE_ANSWERED,
    }
