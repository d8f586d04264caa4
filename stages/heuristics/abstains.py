"""Whether the answer says that the question can't be answered as it is put."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.abstains_rules import decide, deciding
from stages.heuristics.abstains_sentences import doubtful_sentences, readable
from stages.heuristics.base import Heuristic, Result, because, evidence, reasons
from stages.plans.score import ScorePlan

NAME = "abstains"
# How often such a verdict is right on data/labels/abstention.jsonl, one right and one wrong added.
CONFIDENCE_SAID, CONFIDENCE_HINTED, CONFIDENCE_ANSWERED = 0.94, 0.95, 0.86


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Judge each answer by what it says last (``abstains_rules``), English only.

    The evidence is the sentence that decided: of an abstention the one that says so, of an answer
    that was given nevertheless the one that gives it. An answer with no word of doubt has none.
    """
    answer = pl.col("answer")
    asked = frame.with_columns(
        answer.str.contains(r"\S").alias("said"), readable(frame["answer"]).alias("readable")
    )
    judged = pl.col("said") & pl.col("readable")
    marked = doubtful_sentences(asked.filter(judged), "answer")
    verdicts = decide(marked)
    known = asked.join(
        verdicts.select("response_id", NAME), on="response_id", how="left", maintain_order="left"
    )
    values = known.select(pl.when(judged).then(pl.col(NAME).fill_null(False)).alias(NAME))
    why = because(
        (answer.is_null(), "there is no answer"),
        (~pl.col("said"), "the answer is empty"),
        (~pl.col("readable"), "the answer isn't in English, the only language of the rules"),
    )
    return Result(values, pl.concat([reasons(asked, NAME, why), _evidence(marked, verdicts)]))


def _evidence(marked: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    spans = deciding(marked, verdicts)
    confidence = (
        pl.when(~pl.col(NAME))
        .then(CONFIDENCE_ANSWERED)
        .when(pl.col("strong"))
        .then(CONFIDENCE_SAID)
        .otherwise(CONFIDENCE_HINTED)
    )
    return evidence(spans, NAME, "answer").with_columns(
        spans.select(confidence.alias("confidence"))
    )


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Boolean,
            "",
            "Says that the question can't be answered as put; null without an English answer.",
        ),
    ),
    needs=("answer",),
    source="arXiv 2504.06514 (missing premises); rules of our own, labels in data/labels.",
    compute=compute,
)
