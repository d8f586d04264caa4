"""Whether the answer connects what has nothing to do with each other."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, reasons
from stages.plans.score import ScorePlan

NAME = "forced_connection"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """True where the topics are unrelated and the stance is connect or mixed."""
    connects = pl.col("stance").is_in(["connect", "mixed"])
    values = frame.select(
        pl.when(pl.col("truth").is_not_null() & pl.col("stance").is_not_null())
        .then((pl.col("truth") == "unrelated") & connects)
        .alias(NAME)
    )
    why = because(
        (pl.col("truth").is_null(), "nobody said whether the topics are related"),
        (pl.col("stance").is_null(), "the answer's stance isn't known"),
    )
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Boolean,
            "",
            "Connects topics whose truth is unrelated; null if truth or stance is unknown.",
        ),
    ),
    needs=("truth", "stance"),
    requires=("stance",),
    source="The finding of T. Shen, 2025 DeepSeek Test Run, made a measure.",
    compute=compute,
)
