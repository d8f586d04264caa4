"""Phases from a trace of a few readings, one each second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from stages.columns import Column
from stages.database.ddl import create_tables
from stages.database.phases import build_phases
from stages.tables import TABLES

S = 1_000_000_000
Con = duckdb.DuckDBPyConnection


@pytest.fixture
def con() -> Iterator[Con]:
    with duckdb.connect() as con:
        create_tables(con, TABLES)
        yield con


def insert(con: Con, table: str, *rows: dict[str, Any]) -> None:
    columns: tuple[Column, ...] = TABLES[table]
    for row in rows:
        assert row.keys() <= {column.name for column in columns}
        con.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})",
            list(row.values()),
        )


def response(con: Con, **changes: Any) -> None:
    """Asked at 1 s, first token at 2 s, thinking until 4 s, answer until 5 s."""
    row = {
        "response_id": "r", "source": "m", "model": "m", "arm": "solo", "session_id": "s",
        "request_ns": S, "first_token_ns": 2 * S, "first_answer_ns": 4 * S, "end_ns": 5 * S,
        "thinking": "Hm.", "answer": "Yes.",
    }  # fmt: skip
    insert(con, "responses", row | changes)


def readings(con: Con, seconds: range, pid: int = 1, model: str = "m") -> None:
    """CPU time runs at half a core; memory in bytes is the second; 10 bytes read each second."""
    for t in seconds:
        insert(con, "trace_process", {
            "session_id": "s", "t_ns": t * S, "model": model, "role": "engine", "pid": pid,
            "created_ns": 0, "cpu_ns": t * S // 2, "rss_bytes": t, "read_bytes": 10 * t,
        })  # fmt: skip


def phases(con: Con, columns: str) -> list[tuple[Any, ...]]:
    build_phases(con)
    return con.execute(f"SELECT phase, {columns} FROM phases ORDER BY start_ns, phase").fetchall()


def test_counters_are_differences(con: Con) -> None:
    response(con)
    readings(con, range(7))
    assert phases(con, "seconds, cpu_s, cores_used, memory_peak_bytes, read_bytes") == [
        ("prefill", 1, 0.5, 0.5, 2, 10),
        ("thinking", 2, 1, 0.5, 4, 20),
        ("answer", 1, 0.5, 0.5, 5, 10),
    ]


def test_edges_between_readings_are_interpolated(con: Con) -> None:
    response(con, request_ns=S + S // 4)
    readings(con, range(7))
    assert phases(con, "seconds, cpu_s")[0] == ("prefill", 0.75, 0.375)


def test_processes_of_a_model_add_up_and_others_do_not(con: Con) -> None:
    response(con)
    readings(con, range(7), pid=1)
    readings(con, range(7), pid=2)
    readings(con, range(7), pid=3, model="other")
    assert phases(con, "cpu_s, memory_peak_bytes")[0] == ("prefill", 1, 4)


def test_a_model_is_found_by_the_key_that_it_had_in_its_session(con: Con) -> None:
    response(con, model="renamed", traced_as="m")
    readings(con, range(7))
    assert phases(con, "cpu_s")[0] == ("prefill", 0.5)


def test_two_rows_of_one_response_have_the_same_figures(con: Con) -> None:
    response(con, response_id="a", source="test1")
    response(con, response_id="b", source="test2")
    readings(con, range(7))
    gpu(con)
    found = phases(con, "response_id, cpu_s, memory_peak_bytes, energy_j, gpu_utilisation")
    of = {name: [row[:1] + row[2:] for row in found if row[1] == name] for name in ("a", "b")}
    assert of["a"] == of["b"]
    assert of["a"][1] == ("thinking", 1, 4, 6, 50)


def test_a_clock_of_another_boot_is_another_clock(con: Con) -> None:
    response(con)
    response(con, response_id="later", session_id="t")
    readings(con, range(7))
    con.execute(
        "INSERT INTO trace_process BY NAME "
        "SELECT * REPLACE ('t' AS session_id, 4 * cpu_ns AS cpu_ns) FROM trace_process"
    )
    found = phases(con, "response_id, cpu_s")
    assert sorted(row[1:] for row in found if row[0] == "thinking") == [("later", 4), ("r", 1)]


def test_a_process_that_came_later_counts_from_its_first_reading(con: Con) -> None:
    response(con)
    readings(con, range(7), pid=1)
    readings(con, range(3, 7), pid=2)
    assert phases(con, "cpu_s")[:2] == [("prefill", 0.5), ("thinking", 1.5)]


def test_a_phase_that_the_trace_does_not_cover_is_null(con: Con) -> None:
    response(con)
    readings(con, range(4))
    assert phases(con, "cpu_s, memory_peak_bytes") == [
        ("prefill", 0.5, 2), ("thinking", None, None), ("answer", None, None),
    ]  # fmt: skip


def test_what_may_not_be_read_is_null(con: Con) -> None:
    response(con)
    readings(con, range(7))
    con.execute("UPDATE trace_process SET read_bytes = NULL")
    assert {row[1] for row in phases(con, "read_bytes")} == {None}


def test_loading_has_a_phase_only_where_it_is_known(con: Con) -> None:
    response(con, load_ns=S // 4)
    assert phases(con, "seconds")[:2] == [("load", 0.25), ("prefill", 0.75)]


def test_a_thought_that_never_ended_lasts_to_the_end(con: Con) -> None:
    response(con, first_answer_ns=None, answer=None)
    assert phases(con, "seconds") == [("prefill", 1), ("thinking", 3)]


def test_an_import_has_no_phase(con: Con) -> None:
    response(con, request_ns=None, session_id=None)
    assert phases(con, "seconds") == []


def test_a_failure_before_any_text_has_no_phase(con: Con) -> None:
    response(con, first_token_ns=None, first_answer_ns=None, thinking=None, answer=None)
    assert phases(con, "seconds") == []


def gpu(con: Con, energy: bool = True) -> None:
    """3 W and half busy, from 0 to 6 s."""
    for t in range(7):
        insert(con, "trace_system", {"session_id": "s", "t_ns": t * S})
        insert(con, "trace_gpu", {
            "session_id": "s", "t_ns": t * S, "gpu": 0, "utilisation_percent": 50,
            "energy_mj": 3_000 * t if energy else None,
        })  # fmt: skip


def test_energy_is_the_counters_difference(con: Con) -> None:
    response(con)
    gpu(con)
    assert phases(con, "energy_j, energy_reason, gpu_utilisation") == [
        ("prefill", 3, None, 50), ("thinking", 6, None, 50), ("answer", 3, None, 50),
    ]  # fmt: skip


def test_energy_is_not_divided_among_models_that_ran_together(con: Con) -> None:
    response(con, arm="together")
    gpu(con)
    ((_, energy, reason), *_) = phases(con, "energy_j, energy_reason")
    assert energy is None
    assert "same moment" in reason


def test_no_counter_no_energy(con: Con) -> None:
    response(con)
    gpu(con, energy=False)
    assert phases(con, "energy_j, energy_reason")[0] == (
        "prefill", None, "the accelerator has no energy counter",
    )  # fmt: skip


def test_no_trace_says_so(con: Con) -> None:
    response(con)
    assert phases(con, "energy_reason")[0] == ("prefill", "no trace of this session is here")
