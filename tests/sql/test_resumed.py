"""A run that was killed and went on: the figures of a run in one go, and what was kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures import build, queried

Con = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The databases of a run in one go (False) and of one that was resumed (True)."""
    found = {}
    for resumed in (False, True):
        found[resumed] = queried(build(tmp_path_factory.mktemp("run"), resumed=resumed))
    return found


@pytest.fixture
def once(built: dict[bool, Path]) -> Iterator[Con]:
    with duckdb.connect(built[False], read_only=True) as con:
        yield con


@pytest.fixture
def con(built: dict[bool, Path], tmp_path: Path) -> Iterator[Con]:
    """A copy of the resumed run's database, open to be changed."""
    shutil.copyfile(built[True], tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield con


def rows(con: Con, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


FIGURES = [
    """SELECT response_id, phase, seconds, cpu_s, cores_used, memory_peak_bytes, energy_reason
    FROM phases ORDER BY ALL""",
    "FROM model_summary",
    "FROM thinking_cost",
    "FROM sidebyside_slowdown",
    "FROM start_skew",
    "FROM overthinking",
    "FROM stances",
    "FROM repeatability",
    """SELECT source, gauge, mean, p05, median, p95, largest FROM trace_observations
    WHERE gauge = 'memory'""",
    "SELECT * EXCLUDE (reused) FROM tested_models",
    "SELECT responses, failed, truncated, seconds FROM run_summary",
    "SELECT claim, value, verdict FROM claims WHERE position <> 13",
]


@pytest.mark.parametrize("sql", FIGURES)
def test_the_figures_are_those_of_a_run_in_one_go(once: Con, con: Con, sql: str) -> None:
    assert rows(con, sql) == rows(once, sql)


def test_a_session_that_two_sources_share_is_there_once(con: Con) -> None:
    sql = "SELECT count(*) FROM {} WHERE session_id = 'session-before' GROUP BY t_ns, {}"
    for table, subject in (("trace_system", 1), ("trace_process", "pid"), ("timeline", 1)):
        counts = rows(con, sql.format(table, "session_id" if subject == 1 else subject))
        assert set(counts) == {(1,)}, table
    assert rows(con, "SELECT count(*) FROM sessions") == [(4,)]
    assert rows(con, "SELECT count(*) FROM environment") == [(4,)]


def test_no_rate_is_taken_over_the_hours_between(con: Con) -> None:
    assert rows(con, "SELECT max(seconds) FROM timeline") == [(0.25,)]
    assert rows(con, "SELECT max(cores_used) FROM timeline_models") == [(2,)]
    assert rows(con, "SELECT DISTINCT hz FROM tracer_cost") == [(4,)]


def test_connections_are_counted_in_every_session_and_once(con: Con) -> None:
    found = dict(rows(con, "SELECT source, readings FROM network_beyond_loopback"))
    # a look a second at one process, from 4,999 to 5,024 s; then from 7 to 16 s
    before, after = 26, 10
    assert found["quick"] == before + after
    assert found[None] == found["quick"] + found["both"] - before + found["ponder"]


def test_what_was_kept_is_counted_and_dated(con: Con) -> None:
    sql = "SELECT reused, first_reused, last_reused, last_request FROM run_summary"
    noon, nine = datetime(2025, 2, 2, 12), datetime(2025, 2, 2, 9)
    assert rows(con, sql) == [(3, nine, nine, noon)]


def test_one_machine_and_version_is_one_row_of_the_environment(con: Con) -> None:
    sql = "SELECT engine_version, sessions, responses, reused, models FROM environment_summary"
    assert rows(con, sql) == [("1.0", 4, 12, 3, ["ponder", "quick"])]
    con.execute("UPDATE responses SET engine_version = '0.9' WHERE reused")
    assert sorted(rows(con, sql)) == [
        ("0.9", 1, 3, 3, ["quick"]), ("1.0", 3, 9, 0, ["ponder", "quick"]),
    ]  # fmt: skip


def test_a_session_without_a_response_is_no_environment_of_the_run(con: Con) -> None:
    con.execute("DELETE FROM responses WHERE session_id = 'session-ponder'")
    con.execute("UPDATE environment SET cpu = 'Other' WHERE session_id = 'session-ponder'")
    assert rows(con, "SELECT cpu FROM environment_summary") == [("Abacus 2",)]
    con.execute("DELETE FROM responses")
    assert set(rows(con, "SELECT cpu FROM environment_summary")) == {("Abacus 2",), ("Other",)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE responses SET engine_version = '0.9' WHERE reused",
        "UPDATE sessions SET machine_id = 'elsewhere' WHERE session_id = 'session-before'",
    ],
)
def test_alone_and_together_of_different_conditions_are_no_pair(con: Con, change: str) -> None:
    con.execute(change)
    assert rows(con, "SELECT DISTINCT model FROM sidebyside_slowdown") == [("ponder",)]


def test_one_kept_response_in_two_tests_is_no_repeat(con: Con) -> None:
    con.execute("DELETE FROM responses WHERE response_id IN ('q1', 't1')")
    twin = "SELECT * REPLACE ('a1-again' AS response_id, 'other' AS test) FROM responses"
    con.execute(f"INSERT INTO responses {twin} WHERE response_id = 'a1'")
    sql = "SELECT count(*) FROM repeatability WHERE kind = 'same seed' AND model = 'quick'"
    assert rows(con, sql) == [(0,)]
