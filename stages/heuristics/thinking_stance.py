"""What the thinking does with two topics, by the same means as ``stance``."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result
from stages.heuristics.stance_verdict import verdict
from stages.plans.score import ScorePlan

NAME, DENIES = "thinking_stance", "thinking_denies"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """As ``stance``, of the thinking, with weights of its own for the whole text.

    A thought wavers: it weighs links that it then drops, and the verdict is what it ends on.
    ``thinking_denies`` is true where any sentence says clearly that the two are unrelated, whatever
    comes after it.
    """
    return verdict(frame, "thinking", (NAME, DENIES))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.String,
            "",
            "What the thinking ends on: separate, implicit_separate, connect or mixed, as stance.",
        ),
        Column(DENIES, pl.Boolean, "", "Calls the topics unrelated at some point of the thinking."),
    ),
    needs=("topics", "thinking"),
    source="A linear model of our own; the labels that it is made from are in data/labels.",
    compute=compute,
)
