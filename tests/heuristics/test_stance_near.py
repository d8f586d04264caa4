from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from stages.heuristics.encoder import Vectors
from stages.heuristics.stance_model import models
from stages.heuristics.stance_near import LIKE, examples, looked_at, near, plain
from stages.heuristics.stance_sentences import marked_sentences
from stages.validating.stance_examples import spelt_out
from tests.graph import ROOT

TOPICS = ["xx", "yy"]


class Letters:
    """A text with an x points one way, one with a y the other, one with both between."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        rows = np.array([["x" in text, "y" in text] for text in texts], dtype=np.float32)
        rows = rows.reshape(len(texts), 2)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)


def found(encoder: Letters, *texts: str, known: Sequence[str] = ()) -> pl.DataFrame:
    frame = pl.DataFrame(
        {"response_id": [str(n) for n in range(len(texts))], "text": texts},
        schema={"response_id": pl.String, "text": pl.String},
    )
    frame = frame.with_columns(pl.Series("topics", [TOPICS] * len(texts), pl.List(pl.String)))
    named = frame.with_columns(first=pl.lit(r"\bxx\b"), second=pl.lit(r"\byy\b"))
    topics = frame.select("response_id", "topics")
    seen = looked_at(marked_sentences(named, "text"))
    return pl.concat(near(seen, topics, known, encoder))


def test_cosines_with_topics_and_examples() -> None:
    rows = found(Letters(), "Cats sax.\nDogs say.\nIt is so.", known=["oxen"])
    assert rows["near_first"].to_list() == [1.0, 0.0, 0.0]
    assert rows["near_second"].to_list() == [0.0, 1.0, 0.0]
    assert rows["like: oxen"].to_list() == [3.0, 0.0, 0.0]


def test_without_a_text_there_is_no_row_but_every_column() -> None:
    rows = found(Letters(), known=["oxen"])
    assert rows.height == 0
    assert {"looked_at", "near_first", "near_second", "like: oxen"} <= set(rows.columns)


def test_the_middle_of_a_long_text_is_looked_at_only_where_it_may_matter() -> None:
    middle = ["Nothing here."] * 3 + ["There is no link between xx and yy."] + ["Nor here."] * 3
    text = "\n".join([*(f"Begun {n}." for n in range(12)), *middle, *(["Ended."] * 12)])
    encoder = Letters()
    rows = found(encoder, text, known=["oxen"])
    unseen = rows.filter(~pl.col("looked_at"))
    assert unseen["text"].to_list() == ["Nothing here."] * 3 + ["Nor here."] * 3
    assert unseen["near_first"].null_count() == 6
    assert set(unseen["like: oxen"]) == {0.0}
    assert "Nothing here." not in encoder.given
    assert "There is no link between xx and yy." in encoder.given


def test_a_sentence_is_encoded_once_and_without_its_markdown() -> None:
    encoder = Letters()
    found(encoder, "**Say** so.", "Say so.", "x" * 500)
    assert sorted(encoder.given) == sorted(["Say   so.", "Say so.", "x" * 200, *TOPICS])


def test_the_examples_stand_in_the_weights() -> None:
    names = models()["sentence"].features
    known = examples(names)
    assert len(known) > 100
    assert set(names) > {LIKE + one for one in known}
    labelled = pl.read_ndjson(ROOT / "data/labels/stance_sentences.jsonl").select(
        spelt_out(pl.col("text"))
    )
    assert set(known) <= set(labelled.to_series())


@pytest.mark.parametrize(
    ("text", "given"), [("## **A** | `b`", "A   b"), ("  so  ", "so"), ("y" * 300, "y" * 200)]
)
def test_what_the_encoder_is_given(text: str, given: str) -> None:
    assert " ".join(plain(pl.Series([text])).item().split()) == " ".join(given.split())


def test_an_endless_list_is_known_by_its_beginning() -> None:
    text = "\n".join(f"- xx and yy share {n}" for n in range(1_000))
    rows = found(Letters(), text)
    seen = rows.filter("looked_at")["place"].to_list()
    assert seen == [*range(12 + 64), *range(988, 1_000)]
