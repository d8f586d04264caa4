"""Frames for the heuristics' tests."""

from __future__ import annotations

from typing import Any

import polars as pl

from stages.columns import frame
from stages.heuristics.base import Heuristic, Result
from stages.heuristics.scoring import with_prompts
from stages.plans.score import ScorePlan
from stages.tables import PROMPTS, RESPONSES

SETTINGS = ScorePlan(
    loop_words=3,
    loop_repeats=2,
    topics_related_at=0.22,
    overthinks_if=["forced_connection", "loop", "thought_cut_off", "relative_length"],
    relative_length_over=2.0,
    first_solution_under=0.25,
    long_thought_tokens=10,
)

_FACTS = {"turns", "topics", "truth", "reference", "pair"}


def responses(*rows: dict[str, Any]) -> pl.DataFrame:
    """Responses r0, r1, …, with the facts of their prompts among the keys."""
    known = [
        {"response_id": f"r{n}", "prompt_id": f"p{n}", "turn": 1, "status": "ok", "answer": "a"}
        | {key: value for key, value in row.items() if key not in _FACTS}
        for n, row in enumerate(rows)
    ]
    prompts = [
        {"prompt_id": f"p{n}", "turns": ["?"]}
        | {key: value for key, value in row.items() if key in _FACTS}
        for n, row in enumerate(rows)
    ]
    return with_prompts(frame(known, RESPONSES), frame(prompts, PROMPTS))


def computed(heuristic: Heuristic, *rows: dict[str, Any], **settings: Any) -> Result:
    """The heuristic alone; columns of others that it requires are given with the rows."""
    own = {column.name for column in RESPONSES} | _FACTS
    others = {key for row in rows for key in row if key not in own}
    table = responses(*({key: row[key] for key in row if key in own} for row in rows))
    given = [pl.Series(key, [row.get(key) for row in rows]) for key in sorted(others)]
    lacking = [
        pl.lit(None).alias(name)
        for name in heuristic.needs
        if name not in {*table.columns, *others}
    ]
    chosen = SETTINGS.model_copy(update=settings)
    table = table.with_columns(*given, *lacking)
    return heuristic.compute(table.select("response_id", *heuristic.needs), chosen)


def values(heuristic: Heuristic, *rows: dict[str, Any], **settings: Any) -> list[Any]:
    """The heuristic's first column."""
    return computed(heuristic, *rows, **settings).values.to_series(0).to_list()


def reasons(heuristic: Heuristic, *rows: dict[str, Any]) -> list[str | None]:
    """For each row why its first column has no value; null where nothing is said."""
    result = computed(heuristic, *rows)
    column = result.values.columns[0]
    said = {
        note["response_id"]: note["text"]
        for note in result.notes.to_dicts()
        if note["kind"] == "reason" and note["heuristic"] == column
    }
    return [said.get(f"r{n}") for n in range(len(rows))]
