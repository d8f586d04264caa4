"""The linear models of ``stance``: what a sentence says, and what a text does with two topics.

Their weights stand in ``stance_weights.json``, which ``stages/validating/stance_training.py``
makes from ``data/labels``. A score is the sum of features times weights; the probabilities are the
softmax of the scores.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
WEIGHTS = Path(__file__).with_name("stance_weights.json")
STANCES = ("separate", "implicit_separate", "connect", "mixed")


@dataclass(frozen=True)
class Linear:
    """A multinomial linear model: ``weights`` has a row a feature and a column a class."""

    classes: tuple[str, ...]
    features: tuple[str, ...]
    bias: Floats
    weights: Floats

    @classmethod
    def read(cls, found: dict[str, Any]) -> Linear:
        """From the shape that ``written`` gives."""
        return cls(
            tuple(found["classes"]),
            tuple(found["weights"]),
            np.array(found["bias"], dtype=np.float64),
            np.array(list(found["weights"].values()), dtype=np.float64),
        )

    def written(self, digits: int) -> dict[str, Any]:
        """As JSON, rounded: ``classes``, ``bias`` and ``weights`` of each feature by class."""
        return {
            "classes": list(self.classes),
            "bias": [round(float(one), digits) for one in self.bias],
            "weights": {
                name: [round(float(one), digits) for one in row]
                for name, row in zip(self.features, self.weights, strict=True)
            },
        }

    def probabilities(self, rows: pl.DataFrame) -> Floats:
        """Shape (rows, classes); each row sums to 1."""
        values = rows.select(pl.col(self.features).cast(pl.Float64)).to_numpy()
        return softmax(values @ self.weights + self.bias)


def softmax(scores: Floats) -> Floats:
    """Probabilities from scores, along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


@cache
def models() -> dict[str, Linear]:
    """The committed models by name: ``sentence``, ``answer`` and ``thinking``."""
    found = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {name: Linear.read(one) for name, one in found.items()}


def with_probabilities(
    rows: pl.DataFrame, model: Linear, digits: int | None = None
) -> pl.DataFrame:
    """``rows`` with a column of probabilities for each class of the model."""
    found = model.probabilities(rows)
    columns: Sequence[pl.Series] = [
        pl.Series(name, found[:, place], dtype=pl.Float64)
        for place, name in enumerate(model.classes)
    ]
    return rows.with_columns(*(one if digits is None else one.round(digits) for one in columns))
