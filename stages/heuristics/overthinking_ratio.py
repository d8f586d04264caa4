"""Tokens thought for each token answered."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.plans.score import ScorePlan

NAME = "overthinking_ratio"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """thinking_tokens ÷ answer_tokens."""
    answer = pl.col("answer_tokens")
    ratio = pl.when(answer > 0).then(pl.col("thinking_tokens") / answer)
    values = frame.select(ratio.cast(pl.Float64).alias(NAME))
    why = (
        pl.when(values[NAME].is_not_null())
        .then(None)
        .when(pl.col("thinking").is_null())
        .then(pl.lit("there is no thinking"))
        .when(pl.col("answer").is_null())
        .then(pl.lit("there is no answer"))
        .when(answer == 0)
        .then(pl.lit("the answer is empty"))
        .otherwise(pl.lit("the tokens of a part weren't counted"))
    )
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Float64,
            "×",
            "Thinking tokens ÷ answer tokens; null without thinking or without an answer.",
        ),
    ),
    needs=("thinking", "answer", "thinking_tokens", "answer_tokens"),
    requires=("thinking_tokens", "answer_tokens"),
    source="Plain ratio of tokens.",
    compute=compute,
)
