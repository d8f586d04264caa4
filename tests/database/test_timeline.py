from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from stages import query
from stages.database.timeline import build_timeline
from tests.fixtures import START, S, build


@pytest.fixture
def con(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    monkeypatch.chdir(build(tmp_path))
    query.main([])
    return duckdb.connect("data/results.duckdb", read_only=True)


def test_share_of_all_cores_and_who_ran(con: duckdb.DuckDBPyConnection) -> None:
    sql = """SELECT cpu_percent, running, memory_used_bytes / 2**20 FROM timeline
        WHERE session_id = 'session-quick' AND t_ns = ?"""
    # reading the prompt: one core of two; answering: both; between responses: none
    assert con.execute(sql, [START + S // 2]).fetchone() == (50, "quick", 300)
    assert con.execute(sql, [START + 2 * S]).fetchone() == (100, "quick", 300)
    assert con.execute(sql, [START + 3 * S + S // 2]).fetchone() == (0, None, 100)


def test_the_first_step_has_no_rate(con: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT cpu_percent, seconds FROM timeline ORDER BY session_id, t_ns LIMIT 1"
    assert con.execute(sql).fetchone() == (None, None)


def test_cores_of_a_model(con: duckdb.DuckDBPyConnection) -> None:
    sql = """SELECT cores_used, memory_bytes / 2**20 FROM timeline_models
        WHERE session_id = 'session-ponder' AND model = 'ponder' AND t_ns = ?"""
    assert con.execute(sql, [START + 4 * S]).fetchone() == (2, 200)


def test_memory_of_a_model_is_that_of_all_its_processes_or_not_known(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes((tmp_path / "data/results.duckdb").read_bytes())
    other = """INSERT INTO trace_process BY NAME SELECT * REPLACE (
            pid + 1000 AS pid, CASE WHEN t_ns = $1 THEN rss_bytes END AS rss_bytes)
        FROM trace_process WHERE model = 'ponder' AND role = 'engine'"""
    with duckdb.connect(copy) as con:
        con.execute(other, [START + 4 * S])
        con.execute("DELETE FROM timeline; DELETE FROM timeline_models")
        build_timeline(con)
        sql = """SELECT memory_bytes / 2**20 FROM timeline_models
            WHERE session_id = 'session-ponder' AND model = 'ponder' AND t_ns IN (?, ?)
            ORDER BY t_ns"""
        assert con.execute(sql, [START + 4 * S, START + 5 * S]).fetchall() == [(400,), (None,)]
