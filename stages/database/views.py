"""The named views: one file of ``stages/sql`` each, a plain SELECT under a comment."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from stages.database.ddl import literal, quoted

FOLDER = Path(__file__).parent.parent / "sql"

_COMMENT = re.compile(r"--[^\n]*")


def read_views() -> dict[str, str]:
    """Name and SQL of every view, each after those that it reads."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql"))}
    needs = {
        # A list, as a set has another order in every process: the database is the same each time.
        name: [other for other in found if other != name and other in _words(sql)]
        for name, sql in found.items()
    }
    return {name: found[name] for name in TopologicalSorter(needs).static_order()}


def comment_of(sql: str) -> str:
    """The first comment of a view: what a row is, then units."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Create every view, commented."""
    for name, sql in read_views().items():
        con.execute(f"CREATE VIEW {quoted(name)} AS {sql.rstrip().rstrip(';')}")
        con.execute(f"COMMENT ON VIEW {quoted(name)} IS {literal(comment_of(sql))}")


def _words(sql: str) -> set[str]:
    return set(re.findall(r"\w+", _COMMENT.sub("", sql)))
