"""What texts do with two topics: from sentences to verdicts, by the models of ``stance_model``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from stages.heuristics.stance_connections import connections
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_model import Linear, models, with_probabilities
from stages.heuristics.stance_near import LIKE, examples, looked_at, near
from stages.heuristics.stance_read import FEATURES as READ
from stages.heuristics.stance_read import with_readings
from stages.heuristics.stance_sentences import marked_sentences
from stages.heuristics.stance_texts import SAYS, texts
from stages.heuristics.topics import topic_patterns

_ID = "response_id"
CONNECTS = ("connect", "mixed")


class Judged(NamedTuple):
    """``sentences``: those of ``marked_sentences`` with a probability for each of ``SAYS``.

    ``verdicts``: ``response_id``, ``stance``, ``confidence`` (its probability), ``connections``.
    """

    sentences: pl.DataFrame
    verdicts: pl.DataFrame


def patterns(pairs: pl.DataFrame) -> pl.DataFrame:
    """``topics`` with ``first`` and ``second``, a pattern each; null if one can't be named."""
    known = pairs.select("topics").drop_nulls().unique(maintain_order=True)
    rows = [topic_patterns((a, b)) or (None, None) for a, b in known["topics"].to_list()]
    return known.with_columns(
        pl.Series("first", [first for first, _ in rows], dtype=pl.String),
        pl.Series("second", [second for _, second in rows], dtype=pl.String),
    )


def judged(frame: pl.DataFrame, text: str, model: str) -> Judged:
    """Judge a column of texts; ``model`` is ``answer`` or ``thinking``.

    ``frame`` has ``response_id``, ``topics``, ``first``, ``second`` and the column ``text``. A
    text without a sentence has no verdict.
    """
    known = models()
    sentence = known["sentence"]
    said = pl.concat(
        saying(part, sentence).drop(cs.starts_with(LIKE), *READ)
        for part in featured(frame, text, sentence)
    )
    return Judged(said, verdicts(said, whole_texts(said, leaning(said)), known[model]))


def featured(frame: pl.DataFrame, text: str, model: Linear) -> Iterator[pl.DataFrame]:
    """The sentences of ``judged`` with every feature of ``model``, some thousand at a time.

    Each has a column for every example, which makes them large.
    """
    topics = frame.select(_ID, "topics")
    seen = with_readings(looked_at(marked_sentences(frame, text)), topics)
    return near(seen, topics, examples(model.features))


def saying(sentences: pl.DataFrame, model: Linear) -> pl.DataFrame:
    """The sentences of ``near`` with a probability for each of ``SAYS``."""
    return with_probabilities(sentences, model).with_columns(
        pl.when("looked_at")
        .then(pl.col(one))
        .otherwise(1.0 if one == "nothing" else 0.0)
        .alias(one)
        for one in SAYS
    )


def whole_texts(said: pl.DataFrame, leans: pl.DataFrame) -> pl.DataFrame:
    """``response_id`` and all features of each text, from its sentences and its ``leaning``."""
    return texts(said).join(leans, on=_ID, how="left", maintain_order="left")


def verdicts(said: pl.DataFrame, whole: pl.DataFrame, model: Linear) -> pl.DataFrame:
    """``response_id, stance, confidence, connections``; 0 connections where none is claimed."""
    chances = model.probabilities(whole)
    best = chances.argmax(axis=1) if whole.height else []
    stance = pl.Series("stance", [model.classes[place] for place in best], dtype=pl.String)
    sure = pl.Series("confidence", chances.max(axis=1, initial=0.0), dtype=pl.Float64).round(3)
    claimed = pl.when(pl.col("stance").is_in(CONNECTS)).then(pl.col("connections")).otherwise(0)
    return (
        whole.select(_ID)
        .with_columns(stance, sure)
        .join(connections(said), on=_ID, how="left", maintain_order="left")
        .with_columns(claimed.alias("connections"))
    )
