"""Whether a limit cut the response, and in which part."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.plans.score import ScorePlan

NAME = "truncated"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Name the part in which the response was cut.

    A prompted thought that its own limit ended counts as cut, though an answer follows; where the
    answer was cut as well, that is what ended the response.
    """
    status = pl.col("status")
    cut = (
        pl.when(status.is_in(["error", "timeout", "refused"]))
        .then(None)
        .when((status == "truncated") & pl.col("answer").is_null())
        .then(pl.lit("thinking"))
        .when(status == "truncated")
        .then(pl.lit("answer"))
        .when(pl.col("thought_end") == "limit")
        .then(pl.lit("thinking"))
        .otherwise(pl.lit("none"))
    )
    values = frame.select(cut.alias(NAME))
    why = pl.when(values[NAME].is_null()).then(pl.lit("it failed before it ended"))
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(NAME, pl.String, "", "none, thinking or answer: what was cut; null if it failed."),
    ),
    needs=("status", "answer", "thought_end"),
    source="How the server says that it stopped.",
    compute=compute,
)
