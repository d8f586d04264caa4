"""How alike the two topics of a prompt are, before any model says a word about them."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.heuristics.encoder import Encoder, default_encoder
from stages.plans.score import ScorePlan


def compute(frame: pl.DataFrame, settings: ScorePlan) -> Result:
    """Cosine of the topics' sentence vectors; related from ``topics_related_at`` on.

    The encoder is loaded only if some prompt has topics, and sees each pair once.
    """
    pairs = frame.select("topics").drop_nulls().unique(maintain_order=True)
    similarity = similarities(pairs["topics"].to_list()) if pairs.height else []
    known = pairs.with_columns(pl.Series("topic_similarity", similarity, dtype=pl.Float64))
    values = frame.join(known, on="topics", how="left", maintain_order="left").select(
        "topic_similarity",
        (pl.col("topic_similarity") >= settings.topics_related_at).alias("topics_related"),
    )
    why = pl.when(pl.col("topics").is_null()).then(pl.lit("the prompt doesn't name two topics"))
    notes = pl.concat([reasons(frame, name, why) for name in values.columns])
    return Result(values, notes)


def similarities(pairs: list[list[str]], encoder: Encoder | None = None) -> list[float]:
    """Cosine of each pair of texts, rounded to six digits."""
    vectors = (encoder or default_encoder()).encode([text for pair in pairs for text in pair])
    products = (vectors[0::2] * vectors[1::2]).sum(axis=1)
    return [round(float(product), 6) for product in products]


HEURISTIC = Heuristic(
    name="topic_similarity",
    columns=(
        Column(
            "topic_similarity",
            pl.Float64,
            "",
            "Cosine of the two topics' vectors, -1 to 1; null if the prompt has no two topics.",
        ),
        Column("topics_related", pl.Boolean, "", "Whether it reaches the validated threshold."),
    ),
    needs=("topics",),
    source="Universal Sentence Encoder, multilingual (arXiv 1907.04307).",
    compute=compute,
)
