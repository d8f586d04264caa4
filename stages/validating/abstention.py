"""How often ``abstains`` is right on labelled answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from stages.columns import frame
from stages.heuristics.abstains import HEURISTIC, NAME
from stages.plans.score import ScorePlan
from stages.tables import RESPONSES
from stages.validating.figures import RESAMPLES, balanced, measure, recall

LABELS = Path("data/labels/abstention.jsonl")
CLASSES = ("answers", "abstains")
_METHOD = (
    "Rules written by hand. Measured on labelled answers that weren't read while the rules were "
    "written; what ends in :seen, on those that were, and in :hard, on those of the unread whose "
    "wording is chosen to mislead. evidence is the share of abstentions found whose sentence "
    f"overlaps a marked one. Intervals: 95 %, bootstrap over prompts ({RESAMPLES:,} resamples). A "
    "text without a verdict counts as wrong."
)


def measured(settings: ScorePlan) -> dict[str, Any]:
    """The result of ``abstains`` in ``data/validation.json``."""
    labelled = pl.read_ndjson(LABELS, infer_schema_length=None)
    judged = verdicts(labelled, settings)
    unseen = ~pl.col("seen")
    parts = {"": unseen, ":seen": ~unseen, ":hard": unseen & pl.col("hard")}
    figures: dict[str, Any] = {}
    for ending, chosen in parts.items():
        found = _figures(judged.filter(chosen))
        figures |= {f"{name}{ending}": one for name, one in found.items()}
    return {"n": judged.filter(unseen).height, "method": _METHOD, "measures": figures}


def verdicts(labelled: pl.DataFrame, settings: ScorePlan) -> pl.DataFrame:
    """``labelled`` with ``given``, the verdict, its ``confidence`` and ``overlaps``.

    ``overlaps``: whether the evidence and a marked sentence have a character in common.
    """
    rows = [{"response_id": one["id"], "answer": one["answer"]} for one in labelled.to_dicts()]
    result = HEURISTIC.compute(frame(rows, RESPONSES).select("response_id", "answer"), settings)
    evidence = result.notes.filter(pl.col("kind") == "evidence").select(
        pl.col("response_id").alias("id"), "start", "end", "confidence"
    )
    found = labelled.with_columns(result.values[NAME].alias("given")).join(
        evidence, on="id", how="left", maintain_order="left"
    )
    overlaps = [
        any(_overlap((row["start"], row["end"]), row["answer"], said) for said in row["evidence"])
        for row in found.to_dicts()
    ]
    return found.with_columns(pl.Series("overlaps", overlaps, dtype=pl.Boolean))


def _overlap(span: tuple[int | None, int | None], answer: str, said: str) -> bool:
    marked = answer.find(said)
    start, end = span
    return start is not None and end is not None and start < marked + len(said) and marked < end


def _figures(judged: pl.DataFrame) -> dict[str, Any]:
    truth, given = (_named(judged[column]) for column in (NAME, "given"))
    recalls = {f"recall:{name}": recall(index) for index, name in enumerate(CLASSES)}
    prompts = judged["prompt"].to_list()
    found = judged.filter(pl.col(NAME) & pl.col("given"))
    return measure(
        CLASSES, truth, given, prompts, {"balanced_accuracy": balanced} | recalls
    ) | measure(
        (True, False),
        [True] * found.height,
        found["overlaps"].to_list(),
        found["prompt"].to_list(),
        {"evidence": recall(0)},
    )


def _named(verdict: pl.Series) -> list[str | None]:
    return [None if one is None else CLASSES[one] for one in verdict.to_list()]
