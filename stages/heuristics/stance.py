"""What an answer does with two topics: keeps them apart, or connects them."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, evidence, reasons
from stages.heuristics.language import is_english
from stages.heuristics.stance_cues import marked_sentences
from stages.heuristics.stance_rules import decide, deciding
from stages.heuristics.topics import topic_patterns
from stages.plans.score import ScorePlan


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Judge each answer by rules on its sentences (``stance_rules``), with the evidence.

    A first version, in English, of phrases and of where the topics are named. It doesn't know
    synonyms of a topic, doesn't follow an argument over sentences, and takes a quoted denial for
    the answer's own. How often it is right stands in ``data/validation.json``.
    """
    asked = frame.join(
        _patterns(frame), on="topics", how="left", maintain_order="left"
    ).with_columns(
        is_english(pl.col("answer")).alias("english"),
        pl.col("answer").str.contains(r"\S").alias("said"),
    )
    marked = marked_sentences(
        asked.filter(pl.col("english") & pl.col("said") & pl.col("first").is_not_null()), "answer"
    )
    verdicts = decide(marked)
    values = asked.join(verdicts, on="response_id", how="left", maintain_order="left").select(
        "stance", "connections"
    )
    why = pl.when(values["stance"].is_null()).then(
        pl.when(pl.col("topics").is_null())
        .then(pl.lit("the prompt doesn't name two topics"))
        .when(pl.col("answer").is_null())
        .then(pl.lit("there is no answer"))
        .when(~pl.col("said"))
        .then(pl.lit("the answer is empty"))
        .when(~pl.col("english"))
        .then(pl.lit("the answer isn't in English, the only language of the rules"))
        .when(pl.col("first").is_null())
        .then(pl.lit("a topic has no word that the other hasn't got"))
        .otherwise(pl.lit("the answer holds nothing but code"))
    )
    notes = [reasons(asked, column, why) for column in ("stance", "connections")]
    notes.append(evidence(deciding(marked, verdicts), "stance", "answer"))
    return Result(values, pl.concat(notes))


def _patterns(frame: pl.DataFrame) -> pl.DataFrame:
    """A row a pair of topics, with a pattern for each of the two; null if one has no words."""
    pairs = frame.select("topics").drop_nulls().unique(maintain_order=True)
    rows = [topic_patterns((a, b)) or (None, None) for a, b in pairs["topics"].to_list()]
    return pairs.with_columns(
        pl.Series("first", [first for first, _ in rows], dtype=pl.String),
        pl.Series("second", [second for _, second in rows], dtype=pl.String),
    )


HEURISTIC = Heuristic(
    name="stance",
    columns=(
        Column(
            "stance",
            pl.String,
            "",
            "separate (denies a link), implicit_separate (claims none), connect or mixed (denies, "
            "then offers links); null without two topics or an English answer.",
        ),
        Column("connections", pl.Int64, "", "Links that the answer claims, estimated."),
    ),
    needs=("topics", "answer"),
    source="Rules of our own; the labels that they are measured on are in data/labels.",
    compute=compute,
)
