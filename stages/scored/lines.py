"""Scores for other programs: JSON lines with the evidence, or CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Any, TextIO

import polars as pl
import polars.selectors as cs

from stages.heuristics.base import Result
from stages.tables import NOTES
from stages.terminal import plain

_NOTE = [column.name for column in NOTES if column.name != "response_id"]

# JSON leaves them as they are, but many a program ends a line there, and a terminal obeys the rest.
_STEERS = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def write_jsonl(results: Iterable[Result], out: TextIO, texts: bool) -> None:
    """An object a response: ``id, model``, every score, and ``notes``.

    Without ``texts`` the evidence has its place, but not its words.
    """
    for result in results:
        notes = result.notes if texts else without_texts(result.notes)
        lists = notes.group_by("response_id", maintain_order=True).agg(
            pl.struct(_NOTE).alias("notes")
        )
        rows = result.values.join(lists, on="response_id", how="left", maintain_order="left")
        lines = _rows(rows).with_columns(pl.col("notes").fill_null([])).write_ndjson()
        out.write(_STEERS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", lines))


def write_csv(results: Iterable[Result], out: TextIO) -> None:
    """A row a response: ``id, model`` and every score; semicolons part what a list holds.

    Control characters but tabs and line ends are shown (``plain``): a spreadsheet has no use for
    them, and a terminal obeys them.
    """
    writer = None
    for result in results:
        rows = _rows(result.values)
        if writer is None:
            writer = csv.writer(out)
            writer.writerow(rows.columns)
        writer.writerows([_cell(value) for value in row] for row in rows.iter_rows())


def without_texts(notes: pl.DataFrame) -> pl.DataFrame:
    """The notes without a word of the responses'; why there is no value is in words of ours."""
    return notes.with_columns(pl.when(pl.col("kind") == "reason").then("text").alias("text"))


def _rows(values: pl.DataFrame) -> pl.DataFrame:
    """The columns that a reader wants; JSON has no number for what isn't finite."""
    number = cs.float()
    return values.select(
        "id",
        pl.col("named_model").alias("model"),
        cs.exclude("id", "line", "named_model", "response_id"),
    ).with_columns(pl.when(number.is_finite()).then(number))


def _cell(value: Any) -> Any:
    """A spreadsheet takes text that begins like a formula for one: an apostrophe keeps it text."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if not isinstance(value, str):
        return value
    value = f"'{value}" if value.startswith(tuple("=+-@\t\r")) else value
    return "".join(one if one in "\t\r" else plain(one) for one in value)
