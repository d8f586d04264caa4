from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from stages.heuristics.encoder import Vectors
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_near import looked_at, near
from stages.heuristics.stance_sentences import marked_sentences


class Letters:
    """A text with an x points one way, one with a y the other, one with both between."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.array([["x" in text, "y" in text] for text in texts], dtype=np.float32)
        rows = rows.reshape(len(texts), 2)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)


def lean(text: str) -> dict[str, float]:
    frame = pl.DataFrame({"response_id": ["r"], "text": [text], "topics": [["xx", "yy"]]})
    named = frame.with_columns(first=pl.lit(r"\bxx\b"), second=pl.lit(r"\byy\b"))
    seen = looked_at(marked_sentences(named, "text"))
    sentences = near(seen, frame.select("response_id", "topics"), [], Letters())
    return leaning(pl.concat(sentences)).row(0, named=True)


def test_one_after_the_other() -> None:
    found = lean("Cats sax.\nCats mix.\nDogs say.\nDogs may.")
    # Leans 1, 1, -1, -1: means 1 and -1, and the root of 2 · 2 / 4 is 1.
    assert (found["lean_gap"], found["lean_step"], found["lean_side"]) == (2.0, 2.0, 0.0)
    assert found["lean_fit"] == pytest.approx(1.0)


def test_to_and_fro() -> None:
    found = lean("Cats sax.\nDogs say.\nCats mix.\nDogs may.")
    assert found["lean_jump"] == 1.0
    assert found["lean_step"] < 1.2


def test_only_one() -> None:
    found = lean("Here is xx.\nIt can mix.")
    assert found["lean_side"] == 1.0
    assert found["one_topic"] == found["near_missed"] == 0.5


def test_a_table_with_a_column_for_each() -> None:
    assert lean("| | xx | yy |\n|---|---|---|\n| size | 3 | 4 |")["columns"] == 1.0
    assert lean("| xx |\n|---|\n| 3 |")["columns"] == 0.0
