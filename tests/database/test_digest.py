"""The trace in short, from a few readings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stages.database.digest import build_digest
from tests.database.made import Con, S, empty, insert, machine, readings


@pytest.fixture
def con() -> Iterator[Con]:
    with empty() as con:
        yield con


def test_a_row_a_process(con: Con) -> None:
    readings(con, range(1, 4), pid=1)
    readings(con, range(5), pid=2, model="other")
    insert(con, "trace_process", {"session_id": "s", "t_ns": 0, "role": "tracer", "pid": 3,
                                  "created_ns": 0, "cpu_ns": 7})  # fmt: skip
    build_digest(con)
    sql = """SELECT model, role, pid, first_ns, last_ns, readings, cpu_s, memory_peak_bytes,
        memory_mean_bytes, read_bytes FROM processes ORDER BY pid"""
    assert con.execute(sql).fetchall() == [
        ("m", "engine", 1, S, 3 * S, 3, 1, 30, 20, 20),
        ("other", "engine", 2, 0, 4 * S, 5, 2, 40, 20, 40),
        (None, "tracer", 3, 0, 0, 1, 0, None, None, None),
    ]


def test_a_pid_that_was_given_again_is_another_process(con: Con) -> None:
    readings(con, range(2))
    con.execute("INSERT INTO trace_process SELECT * REPLACE (9 AS created_ns) FROM trace_process")
    build_digest(con)
    assert con.execute("SELECT count(*) FROM processes").fetchall() == [(2,)]


def test_pace_is_of_the_intervals(con: Con) -> None:
    machine(con, (0, 1, 2, 4))
    build_digest(con)
    assert con.execute("SELECT readings, interval_ms FROM pace").fetchall() == [(4, 1000)]


def test_looks_at_a_server_that_held_nothing_count(con: Con) -> None:
    for t_ns, model in ((1, "m"), (2, None), (3, "m")):
        insert(con, "trace_held", {"session_id": "s", "t_ns": t_ns, "server": "h", "model": model,
                                   "size_bytes": t_ns, "vram_bytes": 1})  # fmt: skip
    build_digest(con)
    sql = "SELECT model, readings, looks, memory_bytes, vram_share FROM held"
    assert con.execute(sql).fetchall() == [("m", 2, 3, 3, 1)]
