"""A response and its trace, a reading a second, for tests of what is derived of them.

Unless a test says otherwise the response is asked at 1 s, its first token comes at 2 s, it thinks
until 4 s and answers until 5 s.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from stages.columns import Column
from stages.database.ddl import quoted, sql_type
from stages.database.loading import PLANNED
from stages.query import DERIVED
from stages.tables import TABLES

S = 1_000_000_000
Con = duckdb.DuckDBPyConnection
_COLUMNS: dict[str, tuple[Column, ...]] = TABLES | PLANNED | DERIVED


def empty() -> Con:
    """A database with every table and no row."""
    con = duckdb.connect()
    con.execute("SET asof_loop_join_threshold = 0")
    for name, columns in _COLUMNS.items():  # without the comments, which take half a second
        body = ", ".join(f"{quoted(column.name)} {sql_type(column.dtype)}" for column in columns)
        con.execute(f"CREATE TABLE {name} ({body})")
    return con


def insert(con: Con, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        assert row.keys() <= {column.name for column in _COLUMNS[table]}
        con.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})",
            list(row.values()),
        )


def response(con: Con, **changes: Any) -> None:
    row = {
        "response_id": "r", "source": "m", "model": "m", "arm": "solo", "session_id": "s",
        "request_ns": S, "first_token_ns": 2 * S, "first_answer_ns": 4 * S, "end_ns": 5 * S,
        "thinking": "Hm.", "answer": "Yes.", "status": "ok",
    }  # fmt: skip
    insert(con, "responses", row | changes)


def readings(
    con: Con, seconds: Iterable[float], pid: int = 1, model: str = "m", cores: float = 0.5
) -> None:
    """Half a core busy; each second memory grows by 10 bytes, and 10 bytes are read."""
    for t in seconds:
        insert(con, "trace_process", {
            "session_id": "s", "t_ns": round(t * S), "model": model, "role": "engine", "pid": pid,
            "created_ns": 0, "cpu_ns": round(t * S * cores), "rss_bytes": int(10 * t),
            "read_bytes": int(10 * t), "written_bytes": int(t), "minor_faults": int(3 * t),
            "major_faults": 0,
        })  # fmt: skip


def machine(con: Con, seconds: Iterable[float], cores: float = 1.0) -> None:
    """So many cores are busy, with every program."""
    for t in seconds:
        insert(con, "trace_system", {
            "session_id": "s", "t_ns": round(t * S), "cpu_user_ns": round(t * S * cores),
            "cpu_system_ns": 0,
        })  # fmt: skip


def gpu(
    con: Con, seconds: Iterable[float], watts: float | None = 3, index: int = 0, **changes: Any
) -> None:
    """Half busy, with 7 bytes of its memory in use."""
    for t in seconds:
        insert(con, "trace_gpu", {
            "session_id": "s", "t_ns": round(t * S), "gpu": index, "utilisation_percent": 50,
            "memory_used_bytes": 7, "energy_mj": None if watts is None else round(1e3 * watts * t),
        } | changes)  # fmt: skip


def zone(
    con: Con, seconds: Iterable[float], watts: float, name: str = "package-0",
    zone: str = "intel-rapl:0", above: str | None = None,
) -> None:  # fmt: skip
    """A zone of RAPL that counts to 100 J and starts again."""
    for t in seconds:
        insert(con, "trace_energy", {
            "session_id": "s", "t_ns": round(t * S), "zone": zone, "name": name, "above": above,
            "energy_uj": round(1e6 * watts * t) % 100_000_000, "range_uj": 100_000_000,
        })  # fmt: skip


def event(con: Con, second: float, kind: str, **values: Any) -> None:
    insert(con, "trace_events", {"session_id": "s", "t_ns": round(second * S), "kind": kind,
                                 **values})  # fmt: skip
