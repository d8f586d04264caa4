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
    "topic_pairs.jsonl. Figures without an ending: those pairs, each topic once with a related and "
    "once with an unrelated partner. :answers, the pairs of the labelled answers: many are related "
    "by a piece of history that no comparison of words can know, others share a word and nothing "
    f"else. Intervals: 95 %, bootstrap over topic pairs ({RESAMPLES:,} resamples)."
)


def measured(settings: ScorePlan) -> dict[str, Any]:
    """The result of ``topics_related``: on the matched pairs and on those of the answers."""
    pairs, answers = (_figures(path, settings) for path in (LABELS, ANSWERS))
    measures = pairs | {f"{name}:answers": figure for name, figure in answers.items()}
    return {"n": pairs["auc"]["n"], "method": _METHOD, "measures": measures}


def _figures(path: Path, settings: ScorePlan) -> dict[str, Any]:
    asked = pl.read_ndjson(path, infer_schema_length=None).select("topics", "truth")
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
    return figures


def auc(truth: Sequence[bool], similarity: pl.Series) -> float:
    """How often a true case lies above a false one; ties count half."""
    ranks = similarity.rank("average").filter(pl.Series(truth))
    true, false = ranks.len(), len(truth) - ranks.len()
    return (float(ranks.sum()) - true * (true + 1) / 2) / (true * false)
