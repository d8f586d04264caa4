"""The responses that overthink most, and what shows it."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from stages.heuristics.spool import Spooled

# For each reason of the verdict the columns that say how much, and those with the evidence.
FIGURES = {
    "forced_connection": ("stance", "connections"),
    "loop": ("loop_share",),
    "relative_length": ("relative_length",),
    "early_solution": ("first_solution_share",),
}
EVIDENCE = {
    "forced_connection": ("forced_connection", "stance", "connections"),
    "loop": ("loop",),
    "early_solution": ("first_solution_share",),
}


class Offender(NamedTuple):
    """A response that overthinks: its row of scores, and the notes that are evidence for it."""

    scores: dict[str, Any]
    evidence: list[dict[str, Any]]


def overthinking(spooled: Spooled) -> int:
    """How many responses overthink."""
    count: int = spooled.values.select(pl.col("overthinks").sum()).collect().item()
    return count


def worst(spooled: Spooled, number: int) -> list[Offender]:
    """At most so many responses that overthink, those for most reasons first, then the longest."""
    rows = (
        spooled.values.filter("overthinks")
        .with_columns(pl.col("overthinks_because").list.len().alias("reasons"))
        .sort(
            ["reasons", "thinking_tokens", "line"],
            descending=[True, True, False],
            nulls_last=True,
        )
        .head(number)
        .collect(engine="streaming")
        .to_dicts()
    )
    notes = (
        spooled.notes.filter(
            pl.col("kind") == "evidence",
            pl.col("response_id").is_in([row["response_id"] for row in rows]),
        )
        .sort("part", "start", descending=[True, False])
        .collect(engine="streaming")
        .to_dicts()
    )
    return [Offender(row, [note for note in notes if _shows(note, row)]) for row in rows]


def _shows(note: dict[str, Any], row: dict[str, Any]) -> bool:
    wanted = {name for because in row["overthinks_because"] for name in EVIDENCE.get(because, ())}
    return note["response_id"] == row["response_id"] and note["heuristic"] in wanted
