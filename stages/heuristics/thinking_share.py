"""How much of what the model wrote was thinking."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.plans.score import ScorePlan

NAME = "thinking_share"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """thinking_tokens ÷ (thinking_tokens + answer_tokens).

    A thought that a limit cut off before any answer was all there is: 1.
    """
    thinking = pl.col("thinking_tokens")
    cut = pl.col("answer").is_null() & (pl.col("status") == "truncated")
    answer = pl.when(cut).then(pl.lit(0)).otherwise(pl.col("answer_tokens"))
    share = pl.when(thinking + answer > 0).then(thinking / (thinking + answer))
    values = frame.select(share.cast(pl.Float64).alias(NAME))
    why = (
        pl.when(values[NAME].is_not_null())
        .then(None)
        .when(pl.col("thinking").is_null())
        .then(pl.lit("there is no thinking"))
        .when(pl.col("answer").is_null())
        .then(pl.lit("it failed before an answer"))
        .otherwise(pl.lit("the tokens of a part weren't counted"))
    )
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Float64,
            "fraction",
            "Thinking ÷ (thinking + answer), in tokens; null if there is no thinking.",
        ),
    ),
    needs=("thinking", "answer", "status", "thinking_tokens", "answer_tokens"),
    requires=("thinking_tokens", "answer_tokens"),
    source="Plain share of tokens.",
    compute=compute,
)
