"""Seconds of thinking, what chat front ends show as "Thought for …"."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.plans.score import ScorePlan

NAME = "thinking_s"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Take the time from the first chunk of thinking to the first of the answer."""
    why = (
        pl.when(pl.col(NAME).is_not_null())
        .then(None)
        .when(pl.col("thinking").is_null())
        .then(pl.lit("there is no thinking"))
        .when(pl.col("answer").is_null() | (pl.col("answer") == ""))
        .then(pl.lit("no answer followed the thinking"))
        .otherwise(pl.lit("the transcript holds no times"))
    )
    return Result(frame.select(NAME), reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME, pl.Float64, "s", "First thinking to first answer; null without either or times."
        ),
    ),
    needs=("thinking", "answer", "thinking_s"),
    source='The "Thought for …" line of chat front ends.',
    compute=compute,
)
