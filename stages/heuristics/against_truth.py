"""What forced and missed connections share: a stance held against what is true of the topics."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, reasons
from stages.plans.score import ScorePlan


def against_truth(
    name: str, truth: str, stances: Sequence[str], *, meaning: str, source: str
) -> Heuristic:
    """The heuristic that is true where ``truth`` is so and the stance is one of ``stances``."""

    def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
        known = pl.col("truth").is_not_null() & pl.col("stance").is_not_null()
        holds = (pl.col("truth") == truth) & pl.col("stance").is_in(stances)
        why = because(
            (pl.col("truth").is_null(), "nobody said whether the topics are related"),
            (pl.col("stance").is_null(), "the answer's stance isn't known"),
        )
        values = frame.select(pl.when(known).then(holds).alias(name))
        return Result(values, reasons(frame, name, why))

    return Heuristic(
        name=name,
        columns=(Column(name, pl.Boolean, "", f"{meaning}; null if truth or stance is unknown."),),
        needs=("truth", "stance"),
        source=source,
        compute=compute,
        requires=("stance",),
    )
