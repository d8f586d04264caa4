"""What texts do with two topics: from sentences to verdicts, by the models of ``stance_model``."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from stages.heuristics.stance_connections import connections
from stages.heuristics.stance_lean import FEATURES as LEANS
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_model import Linear, models, with_probabilities
from stages.heuristics.stance_sentences import marked_sentences
from stages.heuristics.stance_texts import texts
from stages.heuristics.topics import topic_patterns

_ID = "response_id"
CONNECTS = ("connect", "mixed")
PLAIN = 0.9  # probability from which a sentence denies a link beyond doubt


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
    said = with_probabilities(marked_sentences(frame, text), known["sentence"])
    open_texts = texts(said).filter(pl.col("denial_most") < PLAIN)
    doubtful = said.join(open_texts.select(_ID), on=_ID, how="semi")
    whole = whole_texts(said, leaning(doubtful, frame.select(_ID, "topics")))
    return Judged(said, verdicts(said, whole, known[model]))


def whole_texts(said: pl.DataFrame, leans: pl.DataFrame) -> pl.DataFrame:
    """``response_id`` and all features of each text, from its sentences and its ``leaning``.

    Where a sentence denies a link beyond doubt, it doesn't matter how the text leans: these
    features are 0, so that the encoder need not see its sentences.
    """
    found = texts(said).join(leans, on=_ID, how="left", maintain_order="left")
    plain = pl.col("denial_most") >= PLAIN
    return found.with_columns(
        pl.when(plain).then(0.0).otherwise(pl.col(name)).alias(name) for name in LEANS
    )


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
