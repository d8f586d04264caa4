from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from stages.heuristics import topic_similarity
from stages.heuristics.topic_similarity import HEURISTIC, similarities
from tests.heuristics.table import computed, reasons


class Corners:
    """Puts each text at a corner that its first letter names."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        corners = {"x": [1, 0], "y": [0, 1], "d": [0.6, 0.8]}
        return np.array([corners[text[0]] for text in texts], dtype=np.float32)


def test_the_cosine_of_unit_vectors() -> None:
    assert similarities([["x", "x"], ["x", "y"], ["x", "d"]], Corners()) == [1.0, 0.0, 0.6]


def test_related_from_the_threshold_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_similarity, "default_encoder", Corners)
    rows = ({"topics": ["x", "d"]}, {}, {"topics": ["x", "y"]}, {"topics": ["x", "d"]})
    found = computed(HEURISTIC, *rows, topics_related_at=0.6).values
    assert found["topic_similarity"].to_list() == [0.6, None, 0.0, 0.6]
    assert found["topics_related"].to_list() == [True, None, False, True]
    assert reasons(HEURISTIC, *rows)[1] == "the prompt doesn't name two topics"


def test_without_topics_the_encoder_stays_unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(topic_similarity, "default_encoder", load)
    assert computed(HEURISTIC, {}).values["topic_similarity"].to_list() == [None]


def test_the_real_encoder_tells_near_from_far() -> None:
    near, far = similarities(
        [["volcanoes", "plate tectonics"], ["volcanoes", "jazz improvisation"]]
    )
    assert near > 0.4 > 0.2 > far
