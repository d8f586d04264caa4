"""Whether the answer connects what the thinking had called unrelated."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, reasons
from stages.plans.score import ScorePlan

NAME = "reversal"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """True where ``thinking_denies`` holds and the stance is connect or mixed."""
    denies, stance = pl.col("thinking_denies"), pl.col("stance")
    known = denies.is_not_null() & stance.is_not_null()
    connects = stance.is_in(["connect", "mixed"])
    values = frame.select(pl.when(known).then(denies & connects).alias(NAME))
    why = because(
        (stance.is_null(), "the answer's stance isn't known"),
        (denies.is_null(), "there is no thinking whose stance is known"),
    )
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Boolean,
            "",
            "The thinking calls the topics unrelated, the answer connects them; null if either "
            "stance is unknown.",
        ),
    ),
    needs=("thinking_denies", "stance"),
    requires=("thinking_stance", "stance"),
    source="What the 70B did in T. Shen, 2025 DeepSeek Test Run, made a measure.",
    compute=compute,
)
