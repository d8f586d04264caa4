"""How often ``correct`` is right on labelled answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from stages.columns import frame
from stages.heuristics.correct import HEURISTIC, NAME
from stages.plans.score import ScorePlan
from stages.tables import RESPONSES
from stages.validating.figures import RESAMPLES, Floats, balanced, measure, recall

LABELS = Path("data/labels/correctness.jsonl")
CLASSES = ("wrong", "right")
_METHOD = (
    "Rules written by hand. Measured on labelled answers that nobody had read before the rules "
    "stood, all of one author; what ends in :seen, on those by which the rules were corrected. "
    f"Intervals: 95 %, bootstrap over prompts ({RESAMPLES:,} resamples)."
)


def measured(settings: ScorePlan) -> dict[str, Any]:
    """The result of ``correct`` in ``data/validation.json``."""
    labelled = pl.read_ndjson(LABELS, infer_schema_length=None)
    judged = labelled.with_columns(verdicts(labelled, settings))
    unseen = ~pl.col("seen")
    figures: dict[str, Any] = {}
    for ending, chosen in (("", unseen), (":seen", ~unseen)):
        found = _figures(judged.filter(chosen))
        figures |= {f"{name}{ending}": one for name, one in found.items()}
    return {"n": judged.filter(unseen).height, "method": _METHOD, "measures": figures}


def verdicts(labelled: pl.DataFrame, settings: ScorePlan) -> pl.Series:
    """The verdicts on labelled answers as ``given``."""
    rows = [
        {"response_id": one["id"], "answer": one["answer"], "status": "ok"}
        for one in labelled.to_dicts()
    ]
    facts = labelled.select(pl.concat_list("prompt").alias("turns"), "reference")
    needed = frame(rows, RESPONSES).hstack(facts).select("response_id", *HEURISTIC.needs)
    return HEURISTIC.compute(needed, settings).values[NAME].alias("given")


def accuracy(counts: Floats) -> Floats:
    """Share of the texts whose verdict is right, from counts of shape (…, true, given)."""
    right = np.trace(counts[..., :-1], axis1=-2, axis2=-1)
    return np.asarray(right / counts.sum(axis=(-2, -1)))


def _figures(judged: pl.DataFrame) -> dict[str, Any]:
    truth, given = (
        [None if one is None else CLASSES[one] for one in judged[column].to_list()]
        for column in (NAME, "given")
    )
    recalls = {f"recall:{name}": recall(index) for index, name in enumerate(CLASSES)}
    wanted = {"accuracy": accuracy, "balanced_accuracy": balanced} | recalls
    return measure(CLASSES, truth, given, judged["prompt"].to_list(), wanted)
