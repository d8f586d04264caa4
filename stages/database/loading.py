"""From the stages' files to the tables of the database, source by source as the plan lists them.

Sources are never found by looking into folders: a file that a removed model left behind must not
come back as a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from stages.columns import Column, frame
from stages.database.ddl import create_table, quoted, sql_type
from stages.errors import RunFailed, UserError
from stages.files import read_json
from stages.manifest import read_manifest
from stages.plans.query import QueryPlan
from stages.plans.score import PromptList
from stages.tables import MODELS, PROMPTS, TABLES, VALIDATION
from stages.thinking import thinking_mode
from stages.trace.schema import TRACE_TABLES

SCORE_COLUMNS = (
    Column("response_id", pl.String, "", "The response."),
    Column("thinking_tokens", pl.Float64, "tokens", "Tokens of the thinking."),
    Column("answer_tokens", pl.Float64, "tokens", "Tokens of the answer."),
    Column("thinking_s", pl.Float64, "s", "Seconds of thinking."),
    Column("thinking_share", pl.Float64, "fraction", "Thinking ÷ (thinking + answer), tokens."),
    Column("overthinking_ratio", pl.Float64, "×", "Thinking tokens ÷ answer tokens."),
    Column("relative_length", pl.Float64, "×", "Thinking tokens ÷ those of the prompt's pair."),
    Column("first_solution_share", pl.Float64, "fraction", "Share until the first solution."),
    Column("hesitations_per_1k", pl.Float64, "1/1k tokens", "Reconsidering phrases."),
    Column("thought_switches", pl.Float64, "", "Times the thinking starts another approach."),
    Column("loop", pl.Boolean, "", "Whether the text repeats itself."),
    Column("truncated", pl.String, "", "The part that a limit stopped."),
    Column("topic_similarity", pl.Float64, "", "Cosine of the two topics."),
    Column("topics_related", pl.Boolean, "", "Whether that is over the threshold."),
    Column("stance", pl.String, "", "What the answer does with two topics."),
    Column("thinking_stance", pl.String, "", "What the thinking does with two topics."),
    Column("connections", pl.Float64, "", "Distinct links claimed."),
    Column("forced_connection", pl.Boolean, "", "Unrelated topics, connected all the same."),
    Column("missed_connection", pl.Boolean, "", "Related topics, kept apart."),
    Column("reversal", pl.Boolean, "", "Thought unrelated, answered connected."),
    Column("abstains", pl.Boolean, "", "Says that it can't be answered as put."),
    Column("correct", pl.Boolean, "", "The answer holds the reference."),
    Column("overthinks", pl.Boolean, "", "The verdict."),
    Column("overthinks_because", pl.List(pl.String), "", "What the verdict rests on."),
)
"""Scores that the views read: a heuristic that was taken away leaves a column of nulls."""


SETTINGS = (
    Column("name", pl.String, "", "Name of a general setting of the run."),
    Column("value", pl.String, "", "Its value, as text."),
)
TESTS = (
    Column("test", pl.String, "", "Name of a side-by-side test."),
    Column("position", pl.Int64, "", "Order in params.yaml, from 1."),
    Column("roster", pl.List(pl.String), "", "Keys of its models."),
)
PLANNED = {"settings": SETTINGS, "tests": TESTS}
"""What was planned, for the page to say how it was tested."""

DATA = Path("data")


def load(con: duckdb.DuckDBPyConnection, plan: QueryPlan) -> None:
    """Fill every table that comes from files; ``phases`` and what else is derived stay empty.

    Raises ``UserError`` if a planned source's file is missing, ``RunFailed`` if two responses have
    one id.
    """
    raw = [DATA / "responses" / model.key for model in plan.models]
    raw += [DATA / "sidebyside" / test.name for test in plan.tests]
    sources = [folder.name for folder in raw] + plan.imports
    scores = DATA / "scores"
    for name in ("responses", "chunks"):
        _insert(
            con, name, [DATA / "transcripts" / source / f"{name}.parquet" for source in sources]
        )
    _check_ids(con)
    for name in ("environment", *TRACE_TABLES):
        _insert_sessions(con, name, [folder / f"{name}.parquet" for folder in raw])
    _load_scores(con, [scores / f"{source}.parquet" for source in sources])
    _insert(con, "notes", [scores / f"{source}.notes.parquet" for source in sources])
    _append(con, "models", MODELS, _models(plan))
    _append(con, "prompts", PROMPTS, _prompts())
    _insert(con, "prompts", [DATA / "imported" / name / "prompts.parquet" for name in plan.imports])
    _append(con, "validation", VALIDATION, _validation())
    _append(con, "settings", SETTINGS, [{"name": n, "value": v} for n, v in plan.settings.items()])
    tests = [
        {"test": test.name, "position": position, "roster": test.roster}
        for position, test in enumerate(plan.tests, 1)
    ]
    _append(con, "tests", TESTS, tests)


def _check_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Scores, notes and chunks find their response by its id alone: two of one id would mix."""
    twice = con.execute(
        """SELECT string_agg(source || ': ' || prompt_id, ', ' ORDER BY source, prompt_id)
        FROM responses GROUP BY response_id HAVING count(*) > 1 LIMIT 1"""
    ).fetchone()
    if twice:
        raise RunFailed(f"two responses have the same id ({twice[0]}): please report this fault")


def _insert(
    con: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], where: str = "true"
) -> None:
    if not files:
        return
    _need(files)
    columns = ", ".join(
        f"make_timestamp(epoch_us({quoted(column.name)})) AS {quoted(column.name)}"
        if column.dtype == pl.Datetime
        else quoted(column.name)
        for column in TABLES[name]
    )
    con.execute(
        f"INSERT INTO {quoted(name)} "
        f"SELECT {columns} FROM read_parquet($files, union_by_name = true) WHERE {where}",
        {"files": [file.as_posix() for file in files]},
    )


def _insert_sessions(con: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """Insert each session once: every source that has responses of it brings its whole trace."""
    _need(files)
    for file in files:
        there = f"(SELECT DISTINCT session_id FROM {quoted(name)})"
        _insert(con, name, [file], f"session_id NOT IN {there}")


def _load_scores(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    if not files:
        create_table(con, "scores", SCORE_COLUMNS)
        return
    _need(files)
    con.execute(
        "CREATE TABLE scores AS FROM read_parquet($files, union_by_name = true)",
        {"files": [file.as_posix() for file in files]},
    )
    for column in SCORE_COLUMNS:
        con.execute(
            f"ALTER TABLE scores ADD COLUMN IF NOT EXISTS "
            f"{quoted(column.name)} {sql_type(column.dtype)}"
        )


def _need(files: Sequence[Path]) -> None:
    if missing := [file for file in files if not file.is_file()]:
        raise UserError(
            f"{missing[0].as_posix()}: missing, though the plan lists its source"
            f"{f' (and {len(missing) - 1} more files)' if len(missing) > 1 else ''}; "
            "run `dvc repro`, which makes it"
        )


def _append(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[Column],
    rows: list[dict[str, object]],
) -> None:
    if rows:
        marks = ", ".join("?" for _ in columns)
        con.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", frame(rows, columns).rows())


def _models(plan: QueryPlan) -> list[dict[str, object]]:
    facts = {column.name for column in MODELS}
    rows = []
    for position, entry in enumerate(plan.models, 1):
        manifest = read_manifest(entry.key)
        rows.append(
            manifest.model_dump(include=facts)
            | {
                "model": entry.key,
                "position": position,
                "source": entry.source,
                "demo": entry.demo,
                "thinking_mode": thinking_mode(entry.think, manifest),
            }
        )
    return rows


def _prompts() -> list[dict[str, object]]:
    prompts = PromptList.read(DATA / "plan" / "prompts.json").prompts
    return [prompt.model_dump() for prompt in prompts]


def _validation() -> list[dict[str, object]]:
    return [
        {
            "heuristic": heuristic,
            "measure": measure,
            "value": figure.get("value"),
            "low": figure.get("low"),
            "high": figure.get("high"),
            "n": figure.get("n", found.get("n")),
            "method": found.get("method"),
        }
        for heuristic, found in sorted(read_json(DATA / "validation.json").items())
        for measure, figure in sorted(found.get("measures", {}).items())
    ]
