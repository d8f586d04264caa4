"""Whether the answer is right."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.answers.judging import judge
from stages.heuristics.base import Heuristic, Result, because, evidence, reasons
from stages.plans.score import ScorePlan

NAME = "correct"


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """True where the answer says one of the reference's answers in the end (``judge``).

    What it says in the end is compared, not what it mentions on the way. A response that gave no
    answer, because its thought ran into a limit or it fell silent, is wrong, as an empty sheet is
    in an examination; one that failed for the server's sake isn't judged. The evidence is the
    piece of the answer that was compared.
    """
    judged = pl.col("reference").list.drop_nulls().list.len() > 0
    failed = pl.col("status").is_in(["error", "timeout", "refused"])
    rows = frame.with_row_index("row").filter(judged, ~failed.fill_null(False))
    verdicts = [
        judge(answer, reference, turns[-1] if turns else None)
        for answer, reference, turns in rows.select("answer", "reference", "turns").iter_rows()
    ]
    found = rows.with_columns(
        pl.Series(NAME, [one and one.correct for one in verdicts], pl.Boolean),
        pl.Series("start", [one and one.start for one in verdicts], pl.Int64),
        pl.Series("end", [one and one.end for one in verdicts], pl.Int64),
    )
    values = frame.with_row_index("row").join(
        found.select("row", NAME), on="row", how="left", maintain_order="left"
    )
    why = because(
        (failed, "it failed"),
        (pl.col(NAME).is_null(), "the prompt has no reference to compare with"),
    )
    notes = [reasons(values, NAME, why), _evidence(found)]
    return Result(values.select(NAME), pl.concat(notes))


def _evidence(found: pl.DataFrame) -> pl.DataFrame:
    length = pl.col("end") - pl.col("start")
    spans = found.drop_nulls("start").with_columns(
        pl.col("answer").str.slice(pl.col("start"), length).alias("text")
    )
    return evidence(spans, NAME, "answer")


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Boolean,
            "",
            "The answer says the reference in the end; null without one, or if it failed.",
        ),
    ),
    needs=("status", "answer", "reference", "turns"),
    source="Numbers as numbers, units converted, choices as choices: stages/heuristics/answers.",
    compute=compute,
)
