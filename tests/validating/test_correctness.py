from __future__ import annotations

import numpy as np

from stages.validating.correctness import accuracy, measured
from tests.heuristics.table import SETTINGS


def test_accuracy_counts_what_is_right() -> None:
    # two wrong answers found wrong, one right one found wrong, one without a verdict
    counts = np.array([[2.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
    assert accuracy(counts) == 0.5


def test_the_labels_are_measured() -> None:
    found = measured(SETTINGS)
    figures = found["measures"]
    assert found["n"] == figures["accuracy"]["n"] >= 60
    assert figures["accuracy"]["value"] >= 0.95
    assert figures["accuracy:seen"]["value"] >= 0.97
