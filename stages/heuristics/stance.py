"""What an answer does with two topics: keeps them apart, or connects them."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result
from stages.heuristics.stance_verdict import verdict
from stages.plans.score import ScorePlan


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Judge each answer by a linear model over what its sentences say and where, with evidence.

    English only. Families of phrases (``stance_denials``, ``stance_links``, ``stance_frames``)
    tell of each sentence whether it denies a link, claims one, offers one loosely or concedes a
    denial, and so do how near it comes to examples (``stance_near``) and what a small language
    model makes of it, having read the question and the text up to there (``stance_read``); a
    second model weighs these, their order, and how the text turns from one topic to the other
    (``stance_texts``, ``stance_lean``). Every weight stands in ``stance_weights.json``, how often
    it is right in ``data/validation.json``. A text about one topic alone is ``implicit_separate``.
    ``connections`` is estimated from what can be counted and good to about one.
    """
    return verdict(frame, "answer", ("stance", "connections"))


HEURISTIC = Heuristic(
    name="stance",
    columns=(
        Column(
            "stance",
            pl.String,
            "",
            "separate (denies a link), implicit_separate (claims none), connect or mixed (denies, "
            "then offers links); null without two topics or an English answer.",
        ),
        Column("connections", pl.Int64, "", "Links that the answer claims, estimated."),
    ),
    needs=("topics", "answer"),
    source="A linear model of our own; the labels that it is made from are in data/labels.",
    compute=compute,
)
