"""How much longer a model thinks than on the prompt's control."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Batched, Heuristic, Result, because, reasons
from stages.plans.score import ScorePlan

NAME = "relative_length"


def compute(frame: pl.DataFrame, settings: ScorePlan) -> Result:
    """thinking_tokens ÷ the median thinking_tokens of the same model on the prompt's ``pair``.

    Responses that only look whether a text repeats (arms fresh and warm) are no controls, nor are
    those that failed.
    """
    return _against(frame, _controls(frame.lazy()).collect(), settings)


def _controls(rows: pl.LazyFrame) -> pl.LazyFrame:
    """``model, pair, usual`` for each prompt that is another's control."""
    asked_for = rows.select("pair").drop_nulls().unique()
    return (
        rows.filter(
            ~pl.col("arm").is_in(["fresh", "warm"]),
            ~pl.col("status").is_in(["error", "timeout", "refused"]),
            pl.col("thinking_tokens") > 0,
        )
        .join(asked_for, left_on="prompt_id", right_on="pair", how="semi")
        .group_by("model", pl.col("prompt_id").alias("pair"))
        .agg(pl.col("thinking_tokens").median().alias("usual"))
    )


def _against(frame: pl.DataFrame, controls: pl.DataFrame, _settings: ScorePlan) -> Result:
    joined = frame.join(
        controls, on=["model", "pair"], how="left", nulls_equal=False, maintain_order="left"
    )
    values = joined.select((pl.col("thinking_tokens") / pl.col("usual")).alias(NAME))
    why = because(
        (pl.col("pair").is_null(), "the prompt has no control to compare with"),
        (pl.col("thinking_tokens").is_null(), "there is no thinking whose tokens are known"),
        (pl.col("usual").is_null(), "the model didn't think about the prompt's control"),
    )
    return Result(values, reasons(joined, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Float64,
            "×",
            "Thinking tokens ÷ the same model's median on the prompt's pair; null without one.",
        ),
    ),
    needs=("model", "prompt_id", "arm", "status", "pair", "thinking_tokens"),
    requires=("thinking_tokens",),
    scope="group",
    batched=Batched(_controls, _against),
    source="arXiv 2504.06514: thinking on a missing premise against the complete question.",
    compute=compute,
)
