"""How often ``topics_related`` is right on labelled pairs of topics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from stages.heuristics.topic_similarity import similarities
from stages.plans.score import ScorePlan
from stages.validating.figures import RESAMPLES, balanced, measure, recall
from stages.validating.stance_material import LABELS as ANSWERS

LABELS = Path("data/labels/topic_pairs.jsonl")
_METHOD = (
    "Cosine of the topics against the threshold of params.yaml, whose default was chosen on "
    f"topic_pairs.jsonl. Intervals: 95 %, bootstrap over topic pairs ({RESAMPLES:,} resamples)."
)


def measured(settings: ScorePlan) -> dict[str, Any]:
    """The result of ``topics_related``: on the pairs alone and on those of the answers."""
    asked = pl.concat(
        [
            pl.read_ndjson(path, infer_schema_length=None).select("topics", "truth")
            for path in (LABELS, ANSWERS)
        ]
    )
    similarity = similarities(asked["topics"].to_list())
    truth = (asked["truth"] == "related").to_list()
    figures = measure(
        (False, True),
        truth,
        [one >= settings.topics_related_at for one in similarity],
        asked["topics"].list.sort().list.join(" | ").to_list(),
        {
            "balanced_accuracy": balanced,
            "recall:related": recall(1),
            "recall:unrelated": recall(0),
        },
    )
    value = round(auc(truth, pl.Series(similarity)), 3)
    figures["auc"] = {"value": value, "low": None, "high": None, "n": asked.height}
    return {"n": asked.height, "method": _METHOD, "measures": figures}


def auc(truth: Sequence[bool], similarity: pl.Series) -> float:
    """How often a true case lies above a false one; ties count half."""
    ranks = similarity.rank("average").filter(pl.Series(truth))
    true, false = ranks.len(), len(truth) - ranks.len()
    return (float(ranks.sum()) - true * (true + 1) / 2) / (true * false)
