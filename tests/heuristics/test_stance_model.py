from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stages.heuristics.stance_model import STANCES, Linear, models, softmax, with_probabilities
from stages.heuristics.stance_near import LIKE
from stages.heuristics.stance_read import FEATURES as READ
from stages.heuristics.stance_sentences import FEATURES
from stages.heuristics.stance_texts import SAYS


def test_a_score_is_the_sum_of_features_times_weights() -> None:
    model = Linear.read({"classes": ["no", "yes"], "bias": [0, 1], "weights": {"a": [0, 2]}})
    rows = with_probabilities(pl.DataFrame({"a": [True, False]}), model)
    # Scores 0 and 3, then 0 and 1.
    assert rows["yes"].to_list() == pytest.approx([1 / (1 + np.exp(-3)), 1 / (1 + np.exp(-1))])
    assert (rows["no"] + rows["yes"]).to_list() == pytest.approx([1, 1])


def test_no_score_is_too_large() -> None:
    assert softmax(np.array([1e4, 0.0])).tolist() == [1.0, 0.0]


def test_written_and_read_again_is_the_same() -> None:
    found = models()["answer"]
    again = Linear.read(found.written(3))
    assert (again.weights == found.weights).all()
    assert again.features == found.features


def test_the_committed_models_fit_their_features() -> None:
    assert models().keys() == {"sentence", "answer", "thinking"}
    assert models()["sentence"].classes == SAYS
    names = models()["sentence"].features
    named = (*FEATURES, *READ)
    assert names[: len(named)] == named
    assert all(name.startswith(LIKE) for name in names[len(named) :])
    assert models()["answer"].classes == models()["thinking"].classes == STANCES


def test_denials_weigh_towards_separate() -> None:
    model = models()["answer"]
    weights = dict(zip(model.features, model.weights, strict=True))["denial_most"]
    assert weights[STANCES.index("separate")] > weights[STANCES.index("connect")]
