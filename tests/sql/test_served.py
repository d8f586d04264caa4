"""What an engine and its server say, and what they did: the figures of a model in Ollama."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stages.database.views import read_views
from tests.fixtures import build, queried

Con = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return queried(build(tmp_path_factory.mktemp("served"), served=True))


@pytest.fixture
def served(built: Path, tmp_path: Path) -> Iterator[Con]:
    """A copy of the database of the run in which ``ponder`` is in Ollama, open to be changed."""
    shutil.copyfile(built, tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield con


def rows(con: Con, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def test_the_engines_clock_beside_ours(served: Con) -> None:
    sql = """SELECT load_s, prefill_s, decode_s, response_s, stream_s, unaccounted_s,
        first_token_gap_s FROM clocks WHERE response_id = 'p1'"""
    # asked at 0 s, first token at 1 s, end at 7 s; the engine says 1 and 5.75 s
    assert rows(served, sql) == [(None, 1, 5.75, 7, 6, 0.25, 0)]
    served.execute("UPDATE responses SET load_ns = 250000000, prefill_ns = 500000000")
    assert rows(served, sql) == [(0.25, 0.5, 5.75, 7, 6, 0.5, 0.25)]


def test_two_clocks_in_short(served: Con) -> None:
    served.execute("UPDATE responses SET decode_ns = 5650000000 WHERE response_id = 'p2'")
    served.execute("UPDATE responses SET decode_ns = 6000000000 WHERE response_id = 'p4'")
    sql = """SELECT model, engine_version, n, load_s, prefill_s, decode_s, response_s,
        unaccounted_s, round(share, 3), share_min, share_max FROM clock_summary"""
    # left over: 0.25, 0.35, 0.25 and 0 s of 7 s
    assert rows(served, sql) == [
        ("ponder", "1.0", 4, None, 1, 5.75, 7, 0.25, 0.036, 0, pytest.approx(0.05))
    ]


def test_the_same_again_token_by_token(served: Con) -> None:
    sql = "SELECT model, engine, kind, k, n, rate FROM determinism"
    ponder = [("ollama", "fresh runner", 1, 1, 1), ("ollama", "warm cache", 1, 2, 0.5)]
    assert rows(served, sql) == [("ponder", *row) for row in ponder] + [
        (None, *row) for row in ponder
    ]
    assert rows(served, "SELECT round(low, 2), round(high, 2) FROM determinism LIMIT 1") == [
        (0.21, 1)
    ]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("UPDATE responses SET thinking = 'Hm.' WHERE response_id = 'f2'", [(0, 1), (1, 2)]),
        ("UPDATE responses SET answer = NULL WHERE response_id = 'w1'", [(1, 1), (0, 2)]),
        # the same text in other pieces: other tokens
        ("UPDATE chunks SET characters = 9 WHERE response_id = 'f1'", [(0, 1), (0, 2)]),
        ("UPDATE responses SET status = 'timeout' WHERE response_id = 'f1'", [(0, 1)]),
        (
            "UPDATE responses SET engine_version = '2' WHERE response_id IN ('f2', 'w2')",
            [(1, 1), (0, 1)],
        ),
        ("UPDATE responses SET status = 'truncated'", [(1, 1), (1, 2)]),
    ],
)
def test_only_texts_of_the_same_pieces_and_version_are_the_same(
    served: Con, change: str, counts: list[tuple[int, int]]
) -> None:
    served.execute(change)
    assert rows(served, "SELECT k, n FROM determinism WHERE model = 'ponder'") == counts


def test_an_engines_models_add_up(served: Con) -> None:
    served.execute(
        """INSERT INTO responses SELECT * REPLACE ('quick' AS model, 'q' || response_id
        AS response_id) FROM responses WHERE arm IN ('fresh', 'warm')"""
    )
    sql = "SELECT kind, k, n FROM determinism WHERE model IS NULL"
    assert rows(served, sql) == [("fresh runner", 2, 2), ("warm cache", 2, 4)]
    assert len(rows(served, "FROM determinism")) == 6


def test_what_is_asked_again_to_compare_it_counts_nowhere_else(served: Con) -> None:
    served.execute("UPDATE responses SET prompt_shortened = true")
    views = sorted(read_views().keys() - {"determinism"})
    before = {view: sorted(rows(served, f"FROM {view}"), key=repr) for view in views}
    again = "response_id IN (SELECT response_id FROM responses WHERE arm IN ('fresh', 'warm'))"
    for table in ("phases", "scores", "notes", "chunks", "responses"):
        served.execute(f"DELETE FROM {table} WHERE {again}")
    for view in views:
        assert sorted(rows(served, f"FROM {view}"), key=repr) == before[view], view


def test_who_else_was_in_memory(served: Con) -> None:
    assert rows(served, "SELECT model, arm, also_held, n FROM company") == [
        ("ponder", "solo", [], 2), ("ponder", "solo", ["stranger"], 1), ("ponder", "solo", None, 1),
    ]  # fmt: skip
    served.execute("UPDATE responses SET engine = 'ollama'")
    sql = "SELECT DISTINCT model, arm FROM company ORDER BY ALL"
    assert rows(served, sql) == [  # side by side others are meant to be there
        ("ponder", "alone"), ("ponder", "solo"), ("quick", "alone"), ("quick", "solo"),
    ]  # fmt: skip


def test_a_reload_is_found_with_the_response_that_it_befell(served: Con) -> None:
    sql = "SELECT model, pid, under_way, prompt_id FROM runner_reloads"
    assert rows(served, sql) == [("ponder", 101, "p2", "topics")]
    served.execute("UPDATE responses SET model = 'renamed', traced_as = 'ponder'")
    assert rows(served, sql) == [("ponder", 101, "p2", "topics")]
    served.execute("UPDATE trace_events SET t_ns = t_ns - 2500000000")  # between p1 and p2
    assert rows(served, sql) == [("ponder", 101, None, None)]


def test_a_reload_of_a_response_that_two_tests_share_is_one(served: Con) -> None:
    served.execute(
        """INSERT INTO responses SELECT * REPLACE ('twin' AS response_id) FROM responses
        WHERE response_id = 'p2'"""
    )
    assert rows(served, "SELECT under_way FROM runner_reloads") == [("p2",)]


def test_a_model_that_is_loaded_anew_each_time_is_not_reloaded_unasked(served: Con) -> None:
    cold = "UPDATE responses SET options = '{{\"cold\": true}}' WHERE response_id = '{}'"
    served.execute(cold.format("q1"))
    assert len(rows(served, "FROM runner_reloads")) == 1
    served.execute(cold.format("p4"))
    assert rows(served, "FROM runner_reloads") == []
