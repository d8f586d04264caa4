"""Tokens of the answer."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.plans.score import ScorePlan

NAME = "answer_tokens"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Take the transcript's count, which ``tokens_method`` qualifies."""
    why = (
        pl.when(pl.col("answer").is_null())
        .then(pl.lit("there is no answer"))
        .when(pl.col(NAME).is_null())
        .then(pl.lit("its tokens weren't counted"))
    )
    return Result(frame.select(NAME), reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(Column(NAME, pl.Int64, "tokens", "Tokens of the answer; null if there is none."),),
    needs=("answer", "answer_tokens"),
    source="Counted by the server, or as responses.tokens_method says.",
    compute=compute,
)
