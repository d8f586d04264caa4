"""The verdict: whether a response overthinks, by the rule in params, and for which reasons."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, reasons
from stages.plans.score import ScorePlan


def conditions(settings: ScorePlan) -> dict[str, pl.Expr]:
    """Each condition that the rule can have, null where it can't be judged.

    - ``forced_connection``: the answer connects topics that are unrelated;
    - ``loop``: the text repeats itself over and over;
    - ``thought_cut_off``: a limit ended the thought;
    - ``relative_length``: it thinks over ``relative_length_over`` times as long as on the control;
    - ``early_solution``: a thought of ``long_thought_tokens`` or more had the solution within its
      first ``first_solution_under``.
    """
    long = pl.col("thinking_tokens") >= settings.long_thought_tokens
    return {
        "forced_connection": pl.col("forced_connection"),
        "loop": pl.col("loop"),
        "thought_cut_off": pl.col("truncated") == "thinking",
        "relative_length": pl.col("relative_length") > settings.relative_length_over,
        "early_solution": long & (pl.col("first_solution_share") < settings.first_solution_under),
    }


def compute(frame: pl.DataFrame, settings: ScorePlan) -> Result:
    """True where any condition in ``overthinks_if`` holds; false where none does.

    A condition that can't be judged counts for nothing. Null where none can, and where the
    response failed.
    """
    rule = [name for name in conditions(settings) if name in settings.overthinks_if]
    failed = pl.col("status").is_in(["error", "timeout", "refused"])
    held = frame.select(
        failed.alias("failed"), *(conditions(settings)[name].alias(name) for name in rule)
    )
    judged = pl.any_horizontal(pl.lit(False), *(pl.col(name).is_not_null() for name in rule))
    known = ~pl.col("failed") & judged
    names = pl.concat_list(
        *(pl.when(pl.col(name)).then(pl.lit(name)) for name in rule), pl.lit(None, pl.String)
    ).list.drop_nulls()
    values = held.select(
        pl.when(known)
        .then(pl.any_horizontal(pl.lit(False), *(pl.col(name).fill_null(False) for name in rule)))
        .alias("overthinks"),
        pl.when(known).then(names).alias("overthinks_because"),
    )
    why = because(
        (failed, "it failed"), (pl.lit(values["overthinks"].is_null()), "nothing can be judged")
    )
    columns = ("overthinks", "overthinks_because")
    return Result(values, pl.concat([reasons(frame, column, why) for column in columns]))


HEURISTIC = Heuristic(
    name="overthinks",
    columns=(
        Column("overthinks", pl.Boolean, "", "The verdict by scoring.overthinks_if in params."),
        Column(
            "overthinks_because",
            pl.List(pl.String),
            "",
            "The conditions that hold: forced_connection, loop, thought_cut_off, relative_length, "
            "early_solution.",
        ),
    ),
    needs=(
        "status",
        "thinking_tokens",
        "forced_connection",
        "loop",
        "truncated",
        "relative_length",
        "first_solution_share",
    ),
    requires=(
        "thinking_tokens",
        "forced_connection",
        "loop",
        "truncated",
        "relative_length",
        "first_solution_share",
    ),
    source="The rule is the user's: scoring.overthinks_if in params.yaml.",
    compute=compute,
)
