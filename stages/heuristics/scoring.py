"""Every heuristic on a frame of responses: the core of ``score``, with no file and no DVC."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from stages.columns import Column, schema
from stages.heuristics.base import Heuristic, Result, no_notes
from stages.plans.score import ScorePlan
from stages.tables import NOTES

RESPONSE_ID = NOTES[0]
PROMPT_FACTS = ("turns", "topics", "truth", "reference", "pair")


def with_prompts(responses: pl.DataFrame, prompts: pl.DataFrame) -> pl.DataFrame:
    """Responses with their prompts' facts (``PROMPT_FACTS``), null where the prompt is unknown.

    The facts are about the last turn of a prompt. Answers to the turns before it have none.
    """
    facts = prompts.unique("prompt_id", keep="first").select(
        "prompt_id", pl.col("turns").list.len().cast(pl.Int64).alias("turn"), *PROMPT_FACTS
    )
    return responses.join(facts, on=["prompt_id", "turn"], how="left", maintain_order="left")


def score(frame: pl.DataFrame, settings: ScorePlan, heuristics: Iterable[Heuristic]) -> Result:
    """Compute heuristics, in the order given, on a frame of ``with_prompts``.

    Gives ``response_id`` and every column of theirs, a row a response in the frame's order, and
    the notes. A value of another type or number of rows than declared is a Polars error.
    """
    known, notes, columns = frame, [no_notes()], ["response_id"]
    for heuristic in heuristics:
        result = heuristic.compute(known.select("response_id", *heuristic.needs), settings)
        values = result.values.match_to_schema(schema(heuristic.columns))
        known = known.with_columns(values.get_columns())
        columns += values.columns
        notes.append(result.notes)
    return Result(known.select(columns), pl.concat(notes))


def score_columns(heuristics: Iterable[Heuristic]) -> tuple[Column, ...]:
    """The columns of the table ``scores`` that these heuristics make."""
    return (RESPONSE_ID, *(column for one in heuristics for column in one.columns))
