"""Show recorded responses side by side in the terminal: the thinking first, then the answer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.errors import UserError
from stages.terminal import plain

DATABASE = Path("data/results.duckdb")

_QUERY = """
SELECT prompt_id, turn, epoch, arm, coalesce(test, '') AS test, model, status, reason, thinking,
       answer, thinking_s, thinking_mode
FROM responses
WHERE arm NOT IN ('fresh', 'warm') AND (len($models) = 0 OR list_contains($models, model))
  AND ($prompt IS NULL OR prompt_id = $prompt)
ORDER BY prompt_id, turn, epoch, arm, test, model
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink show``."""
    parser.add_argument("models", nargs="*", metavar="MODEL", help="keys; all if none is named")
    parser.add_argument("--prompt", metavar="ID", help="only this prompt")


def main(arguments: argparse.Namespace) -> None:
    """Print one table for each prompt, turn, epoch and arm, a column a model."""
    if not DATABASE.exists():
        raise UserError("show: no results here yet; run `make repro` first")
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        parameters = {"models": arguments.models, "prompt": arguments.prompt}
        cursor = database.execute(_QUERY, parameters)
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        if not rows:
            raise UserError(f"show: no response matches; {_offer(database)}")
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("prompt_id", "turn", "epoch", "arm", "test"))
        groups.setdefault(key, []).append(row)
    console = Console()
    for (prompt, turn, epoch, arm, test), members in groups.items():
        title = f"{prompt} · turn {turn} · epoch {epoch} · {arm}{f' · {test}' if test else ''}"
        console.print(_table(title, members))


def _table(title: str, rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=Text(plain(title)), show_lines=True, expand=True)
    for row in rows:
        table.add_column(Text(plain(row["model"])), ratio=1, overflow="fold")
    table.add_row(*(_thought(row) for row in rows))
    table.add_row(*(_answer(row) for row in rows))
    return table


def _thought(row: dict[str, Any]) -> Text:
    if row["thinking"] is None:
        return Text("(no thinking)", style="dim")
    prompted = " (prompted thinking)" if row["thinking_mode"] == "prompted" else ""
    seconds = row["thinking_s"]
    head = "Thought" if row["answer"] is not None else "Thought without an end"
    if seconds is not None:
        head = f"Thought for {seconds:.1f} s"
    return Text(f"{head}{prompted}\n{plain(row['thinking'])}", style="dim")


def _answer(row: dict[str, Any]) -> Text:
    if row["answer"] is None:
        return Text(f"no answer: {row['status']}: {plain(row['reason'] or '')}", style="red")
    note = "" if row["status"] == "ok" else f"\n[{row['status']}: {plain(row['reason'] or '')}]"
    return Text(plain(row["answer"]) + note)


def _offer(database: duckdb.DuckDBPyConnection) -> str:
    models = database.execute("SELECT DISTINCT model FROM responses ORDER BY 1").fetchall()
    prompts = database.execute("SELECT DISTINCT prompt_id FROM responses ORDER BY 1").fetchall()
    return (
        f"models: {', '.join(str(row[0]) for row in models) or 'none'}; "
        f"prompts: {', '.join(str(row[0]) for row in prompts) or 'none'}"
    )
