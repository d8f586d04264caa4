"""``metrics.json``, the plot data and the counts of failures, each read from the views.

DVC drops lists and reads a NaN as a change: nested dicts only, and what has no value is absent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from stages.database.ddl import literal
from stages.files import replacing

_MEDIANS = {
    "thinking_s": "thinking_s_p50",
    "thinking_tokens": "thinking_tokens_p50",
    "overthinking_ratio": "overthinking_ratio_p50",
    "first_token_s": "first_token_s_p50",
    "tokens_per_s": "tokens_per_s_p50",
    "energy_j": "energy_j_per_response",
}

PLOTS = {
    "thinking": """
        SELECT model, prompt_id, epoch, thinking_tokens, answer_tokens,
            round(thinking_s, 3) AS thinking_s, round(overthinking_ratio, 3) AS overthinking_ratio
        FROM scored WHERE arm IN ('solo', 'imported') AND thinking_tokens IS NOT NULL
        ORDER BY position, model, prompt_id, epoch, turn""",
    "phases": """
        SELECT model, phase, round(seconds, 3) AS seconds, n FROM thinking_cost
        ORDER BY position, model, phase""",
    "slowdown": """
        SELECT test, model, prompt_id, epoch, round(ratio, 3) AS ratio FROM sidebyside_pairs
        WHERE measure = 'time_per_token' ORDER BY test, position, prompt_id, epoch, turn""",
}


def metrics(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The run's few figures as nested dicts, to four significant digits."""
    models: dict[str, dict[str, float]] = {}
    for row in _rows(con, "SELECT model, responses AS n, failed FROM tested_models"):
        models[row["model"]] = {"n": row["n"], "failed": row["failed"]}
    for row in _rows(con, "SELECT model, measure, median FROM model_summary"):
        if name := _MEDIANS.get(row["measure"]):
            models[row["model"]] |= _figure(name, row["median"])
    for row in _rows(
        con, "SELECT model, max(memory_gib) AS peak FROM thinking_cost GROUP BY model"
    ):
        models[row["model"]] |= _figure("memory_peak_gib", row["peak"])
    for row in _rows(
        con, "SELECT model, rate FROM overthinking WHERE verdict = 'forced_connection'"
    ):
        models[row["model"]] |= _figure("forced_connection_rate", row["rate"])
    tests: dict[str, dict[str, Any]] = {
        row["test"]: {"rounds": row["rounds"], "took_turns": row["took_turns"]}
        for row in _rows(con, "SELECT test, rounds, took_turns FROM start_skew")
    }
    slowdown = "SELECT test, model, ratio FROM sidebyside_slowdown WHERE measure = 'time_per_token'"
    for row in _rows(con, slowdown):
        found = tests.setdefault(row["test"], {}).setdefault("slowdown", {})
        found |= _figure(row["model"], row["ratio"])
    heuristics = {
        row["heuristic"]: found
        for row in _rows(con, "FROM heuristic_accuracy ORDER BY heuristic")
        if (found := _figure("balanced_accuracy", row["value"]))
    }
    groups: dict[str, Any] = {"models": models, "tests": tests, "heuristics": heuristics}
    return {name: group for name, group in groups.items() if group}


def failures(con: duckdb.DuckDBPyConnection, sources: list[str]) -> dict[str, Any]:
    """Counts of responses and failures by source, and the reasons, for ``gate``.

    A source without any response is listed with zeros: nothing of it is there.
    """
    by_source: dict[str, dict[str, Any]] = {
        source: {"responses": 0, "failed": 0, "reasons": {}} for source in sources
    }
    counts = (
        "SELECT source, count(*) AS n, count(*) FILTER (failed) AS failed FROM scored GROUP BY 1"
    )
    for row in _rows(con, counts):
        by_source[row["source"]] |= {"responses": row["n"], "failed": row["failed"]}
    reasons = """
        SELECT source, coalesce(reason, status) AS reason, count(*) AS n FROM failures
        GROUP BY ALL ORDER BY ALL"""
    for row in _rows(con, reasons):
        by_source[row["source"]]["reasons"][row["reason"]] = row["n"]
    return {
        "responses": sum(entry["responses"] for entry in by_source.values()),
        "failed": sum(entry["failed"] for entry in by_source.values()),
        "by_source": by_source,
    }


def write_plots(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """One CSV a plot, for ``dvc plots show``."""
    for name, sql in PLOTS.items():
        with replacing(folder / f"{name}.csv") as part:
            con.execute(f"COPY ({sql}) TO {literal(part.as_posix())} (HEADER)")


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    result = con.execute(sql)
    names = [column[0] for column in result.description or ()]
    return iter([dict(zip(names, row, strict=True)) for row in result.fetchall()])


def _figure(name: str, value: float | None) -> dict[str, float]:
    if value is None or not math.isfinite(value):
        return {}
    return {name: float(f"{value:.4g}")}
