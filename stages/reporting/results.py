"""The page's only source: the views of ``results.duckdb``, read as rows, and the report's plan."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from stages.plans.report import ReportPlan
from stages.reporting.escape import inline
from stages.reporting.markdown import styled
from stages.reporting.numbers import count, period

DATA_VARIABLE = "OVERTHINK_DATA"
"""Names the ``data`` folder, absolute, for the kernel that runs the page's cells."""

RENDERER_VARIABLE = "OVERTHINK_RENDERER"
"""Says what renders the page, with versions, for the page to show."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Results:
    """An open database with the plans that say what to show of it."""

    con: duckdb.DuckDBPyConnection
    report: ReportPlan
    renderer: str

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The rows of a query, as dicts."""
        result = self.con.execute(sql, parameters)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def one(self, sql: str, *parameters: object) -> Row | None:
        """The first row of a query, or None."""
        return next(iter(self.rows(sql, *parameters)), None)

    def named(self, model: str) -> str:
        """A model within a sentence, its prompted thinking named with it."""
        row = self.one("SELECT thinking_mode FROM models WHERE model = ?", model)
        prompted = row is not None and row["thinking_mode"] == "prompted"
        return f"**{inline(model)}**{' (prompted thinking)' if prompted else ''}"

    def label(self, model: str) -> str:
        """A model as a heading or in a table, always with what it must not be taken for."""
        row = self.one("SELECT demo, thinking_mode FROM models WHERE model = ?", model)
        text = f"**{inline(model)}**"
        if row is None:
            return f"{text} {styled('tag', 'imported')}"
        if row["thinking_mode"] == "prompted":
            text += f" {styled('tag', 'prompted thinking')}"
        return f"{text} {styled('tag', 'demo')}" if row["demo"] else text

    def kept(self) -> str | None:
        """How many responses were kept from earlier runs, and from when; None if none was."""
        run = self.one("FROM run_summary")
        if run is None or not run["reused"]:
            return None
        which = f"{run['reused']:,} of {count(run['responses'], 'response')}"
        were = "was" if run["reused"] == 1 else "were"
        since = ""
        if run["first_reused"] is not None:
            since = f" ({period(run['first_reused'], run['last_reused'])})"
        return f"{which} {were} kept from earlier runs{since}"

    def measures(self, names: Sequence[str]) -> dict[str, dict[str, Row]]:
        """``model_summary`` by model and measure, in the order of params."""
        found: dict[str, dict[str, Row]] = {}
        for row in self.rows("FROM model_summary ORDER BY position, model"):
            if row["measure"] in names:
                found.setdefault(row["model"], {})[row["measure"]] = row
        return found


def engine_name(row: Row) -> str:
    """An engine with its version, which may name it already."""
    engine, version = row["engine"], row["engine_version"] or ""
    return inline(version if version.startswith(f"{engine} ") else f"{engine} {version}".strip())


def open_results() -> Results:
    """Open what the environment variables name, to read only.

    Without them the page is being rendered where it lies, by hand: the data is beside its folder.
    """
    data = Path(os.environ.get(DATA_VARIABLE, "../data"))
    return Results(
        con=duckdb.connect(data / "results.duckdb", read_only=True),
        report=ReportPlan.read(data / "plan" / "report.json"),
        renderer=os.environ.get(RENDERER_VARIABLE, ""),
    )


def last_request(data: Path) -> datetime | None:
    """When the last response was asked for, in UTC; None if none was."""
    with duckdb.connect(data / "results.duckdb", read_only=True) as con:
        row = con.execute("SELECT last_request FROM run_summary").fetchone()
    return row[0] if row else None
