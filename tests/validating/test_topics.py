from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from stages.plans.score import ScorePlan
from stages.validating.topics import LABELS, auc, measured
from tests.heuristics.table import SETTINGS


def test_auc_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(3)
    truth, similarity = random.integers(0, 2, 60) > 0, random.integers(0, 9, 60)
    expected = pytest.approx(roc_auc_score(truth, similarity))
    assert auc(truth.tolist(), pl.Series(similarity)) == expected


def test_no_word_of_the_pairs_gives_their_label_away() -> None:
    pairs = pl.read_ndjson(LABELS)
    assert pairs.height >= 60
    assert set(pairs["topics"].list.len()) == {2}
    for place in (0, 1):
        related, unrelated = (
            sorted(pairs.filter(truth=truth)["topics"].list.get(place))
            for truth in ("related", "unrelated")
        )
        assert related == unrelated


def test_the_threshold_of_the_plan_counts() -> None:
    def recalled(at: float) -> float:
        settings: ScorePlan = SETTINGS.model_copy(update={"topics_related_at": at})
        return measured(settings)["measures"]["recall:related"]["value"]

    assert recalled(1.1) == 0 < recalled(SETTINGS.topics_related_at)
