"""Scores for the tests of what shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from stages.columns import Column, frame
from stages.heuristics.base import Heuristic, Result
from stages.heuristics.spool import Spool, Spooled
from stages.scored.reading import CARRIED
from stages.tables import NOTES
from tests.heuristics.table import SETTINGS, responses

COLUMNS = (
    Column("loop", pl.Boolean, "", "A verdict."),
    Column("loop_share", pl.Float64, "fraction", "A number."),
    Column("stance", pl.String, "", "A kind."),
    Column("connections", pl.Int64, "", "A count."),
    Column("relative_length", pl.Float64, "×", "A number."),
    Column("first_solution_share", pl.Float64, "fraction", "A number."),
    Column("thinking_tokens", pl.Int64, "tokens", "A count."),
    Column("overthinking_ratio", pl.Float64, "×", "A number."),
    Column("overthinks", pl.Boolean, "", "The verdict."),
    Column("overthinks_because", pl.List(pl.String), "", "Why."),
)


def spooled(folder: Path, *rows: dict[str, Any]) -> Spooled:
    """Responses r0, r1, … with the scores that the rows name, and their ``notes``.

    A row's ``id`` and ``model`` are as the file has them; every two rows are a batch.
    """
    names = {column.name for column in COLUMNS}

    def compute(batch: pl.DataFrame, _settings: object) -> Result:
        here = [rows[int(name.removeprefix("r"))] for name in batch["response_id"]]
        notes = [
            {"response_id": name} | note
            for name, row in zip(batch["response_id"], here, strict=True)
            for note in row.get("notes", [])
        ]
        scores = [{key: value for key, value in row.items() if key in names} for row in here]
        return Result(frame(scores, COLUMNS), frame(notes, NOTES))

    given = Heuristic("given", COLUMNS, (), "", compute)
    table = responses(*({} for _ in rows)).with_columns(
        pl.Series("id", [row.get("id", f"i{n}") for n, row in enumerate(rows)], pl.String),
        pl.Series("line", range(1, len(rows) + 1), pl.Int64),
        pl.Series("named_model", [row.get("model") for row in rows], pl.String),
    )
    folder.mkdir(exist_ok=True)
    kept = Spool(folder, [given], SETTINGS, CARRIED)
    for start in range(0, table.height, 2):
        kept.add(table[start : start + 2])
    return kept.finish()


def shown(heuristic: str, text: str, part: str = "answer", start: int = 0) -> dict[str, Any]:
    """A note that is evidence."""
    end = start + len(text)
    return {"heuristic": heuristic, "kind": "evidence", "part": part, "start": start, "end": end,
            "text": text}  # fmt: skip


def lacking(heuristic: str, text: str) -> dict[str, Any]:
    """A note that says why there is no value."""
    return {"heuristic": heuristic, "kind": "reason", "text": text}
