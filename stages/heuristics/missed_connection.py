"""Whether the answer keeps apart what belongs together."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, reasons
from stages.plans.score import ScorePlan

NAME = "missed_connection"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """True where the topics are related and the stance is separate or implicit_separate."""
    apart = pl.col("stance").is_in(["separate", "implicit_separate"])
    known = pl.col("truth").is_not_null() & pl.col("stance").is_not_null()
    values = frame.select(pl.when(known).then((pl.col("truth") == "related") & apart).alias(NAME))
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
            "Keeps topics apart whose truth is related; null if truth or stance is unknown.",
        ),
    ),
    needs=("truth", "stance"),
    requires=("stance",),
    source="The counterpart of forced_connection: a model that never connects is no better.",
    compute=compute,
)
