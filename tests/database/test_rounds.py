"""Rounds of two models, ``a`` and ``b``, from a trace of a reading a second.

Unless a test says otherwise ``a`` is asked at 1 s and ``b`` at 2 s; they write from 3 s on, ``a``
until 10 s and ``b`` until 12 s: both are under way from 2 to 10 s, for nine readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pytest

from stages.database import rounds
from stages.database.ddl import create_tables
from stages.database.loading import PLANNED
from stages.database.rounds import build_rounds
from stages.tables import TABLES

S = 1_000_000_000
Con = duckdb.DuckDBPyConnection
SPANS = {"a": (1, 3, 10), "b": (2, 3, 12)}
WHOLE = range(14)


@pytest.fixture
def con() -> Iterator[Con]:
    with duckdb.connect() as con:
        con.execute("SET asof_loop_join_threshold = 0")
        create_tables(con, TABLES | PLANNED | rounds.DERIVED)
        for test in ("t", "u"):
            insert(con, "tests", test=test, position=1, roster=["a", "b"])
        yield con


def insert(con: Con, table: str, **row: Any) -> None:
    con.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})",
        list(row.values()),
    )


def asked(con: Con, model: str, /, *, later: float = 0, **changes: Any) -> None:
    request, first, end = (round((second + later) * S) for second in SPANS[model])
    row: dict[str, Any] = {
        "response_id": f"{model} {con.execute('SELECT count(*) FROM responses').fetchone()}",
        "source": "t", "test": "t", "prompt_id": "p", "epoch": 1, "turn": 1, "arm": "together",
        "session_id": "s", "model": model, "status": "ok", "request_ns": request,
        "first_token_ns": first, "end_ns": end,
    }  # fmt: skip
    insert(con, "responses", **row | changes)


def both(con: Con, **changes: Any) -> None:
    for model in SPANS:
        asked(con, model, **changes)


def ticks(con: Con, seconds: Iterable[float] = WHOLE, session: str = "s") -> None:
    for second in seconds:
        insert(con, "trace_system", session_id=session, t_ns=round(second * S))


def process(
    con: Con, model: str, seconds: Iterable[float] = WHOLE, session: str = "s", role: str = "engine"
) -> None:
    """A reading of the model's process in each of these seconds."""
    for second in seconds:
        t_ns = round(second * S)
        insert(con, "trace_process", session_id=session, t_ns=t_ns, model=model, role=role, pid=1)


def held(con: Con, seconds: Iterable[float], *models: str) -> None:
    """What the one server says in each of these seconds."""
    for second in seconds:
        for model in models or (None,):
            t_ns = round(second * S)
            insert(con, "trace_held", session_id="s", t_ns=t_ns, server="http://h", model=model)


def found(con: Con, columns: str = "together") -> list[Any]:
    build_rounds(con)
    rows = con.execute(f"SELECT {columns} FROM rounds ORDER BY test, epoch").fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_both_were_there_all_the_time(con: Con) -> None:
    both(con)
    ticks(con)
    process(con, "a")
    process(con, "b")
    held(con, range(0, 14, 2), "a", "b")
    columns = "models, skew_ms, start_ns // 1000000000, end_ns // 1000000000, readings"
    # nine readings of processes, five of the server (2, 4, 6, 8 and 10 s)
    assert found(con, f"{columns}, overlapped, together") == [(2, 1000, 2, 10, 14, True, True)]


def test_the_second_was_loaded_only_when_the_first_was_done(con: Con) -> None:
    both(con)
    ticks(con)
    process(con, "a", range(11))
    process(con, "b", range(11, 14))
    assert found(con) == [False]


@pytest.mark.parametrize(("lacking", "together"), [(1, True), (2, True), (3, False)])
def test_a_first_or_last_reading_may_lack_by_chance(con: Con, lacking: int, together: bool) -> None:
    both(con)
    ticks(con)
    process(con, "a")
    process(con, "b", range(2 + lacking, 14))
    assert found(con) == [together]


def test_that_it_came_late_is_no_chance_however_long_the_round(con: Con) -> None:
    both(con, end_ns=100 * S)
    ticks(con, range(101))
    process(con, "a", range(101))
    process(con, "b", range(10, 101))
    assert found(con) == [False]


def test_the_server_held_one_of_them_only(con: Con) -> None:
    both(con)
    ticks(con)
    process(con, "a")
    process(con, "b")
    held(con, range(0, 11, 2), "a")
    held(con, (12,), "a", "b")
    assert found(con) == [False]


def test_the_server_tells_where_no_process_can_be_read(con: Con) -> None:
    both(con)
    ticks(con)
    held(con, range(0, 14, 2), "a", "b")
    assert found(con, "readings, together") == [(14, True)]


def test_the_server_held_nothing_in_between(con: Con) -> None:
    both(con)
    ticks(con)
    held(con, (0, 12), "a", "b")
    held(con, (2, 4, 6, 8))
    held(con, (10,), "a", "b")
    assert found(con) == [False]


@pytest.mark.parametrize(
    ("first_b", "overlapped", "together"), [(9, True, True), (11, False, None), (None, None, None)]
)
def test_out_of_reach_only_writing_at_once_shows_it(
    con: Con, first_b: int | None, overlapped: bool | None, together: bool | None
) -> None:
    asked(con, "a")
    asked(con, "b", first_token_ns=first_b and first_b * S)
    ticks(con)
    assert found(con, "overlapped, together") == [(overlapped, together)]


def test_one_out_of_reach_leaves_it_open(con: Con) -> None:
    asked(con, "a")
    asked(con, "b", first_token_ns=11 * S)
    ticks(con)
    process(con, "a")
    assert found(con) == [None]


def test_one_that_was_not_there_decides_whatever_is_known_of_the_other(con: Con) -> None:
    both(con)
    ticks(con)
    process(con, "a", range(12, 14))
    assert found(con, "overlapped, together") == [(True, False)]


def test_a_round_with_a_failure_is_judged_and_counted_as_such(con: Con) -> None:
    asked(con, "a")
    asked(con, "b", status="timeout")
    ticks(con)
    process(con, "a")
    process(con, "b", (12, 13))
    assert found(con, "failed, together") == [(1, False)]


def test_a_turn_that_not_all_were_asked_is_no_round(con: Con) -> None:
    con.execute("UPDATE tests SET roster = ['a', 'b', 'c']")
    both(con)  # c failed a turn earlier
    ticks(con)
    assert found(con) == []


def test_one_that_was_cut_at_its_limit_ran_all_the_same(con: Con) -> None:
    asked(con, "a")
    asked(con, "b", status="truncated")
    assert len(found(con)) == 1


def test_one_model_is_no_round_and_alone_is_not_together(con: Con) -> None:
    asked(con, "a")
    asked(con, "b", arm="alone")
    assert found(con) == []


def test_between_two_readings_nothing_is_known_but_who_wrote(con: Con) -> None:
    asked(con, "a", end_ns=int(2.8 * S), first_token_ns=int(2.3 * S))
    asked(con, "b", request_ns=int(2.2 * S), first_token_ns=int(2.4 * S))
    ticks(con)
    process(con, "a")
    process(con, "b", (12, 13))
    assert found(con, "readings, together") == [(0, True)]


def test_a_first_that_was_done_before_the_last_was_asked_tells_nothing(con: Con) -> None:
    asked(con, "a", end_ns=int(1.5 * S), first_token_ns=int(1.2 * S))
    asked(con, "b")
    ticks(con)
    process(con, "a")
    process(con, "b")
    assert found(con, "readings, overlapped, together") == [(0, False, None)]


def test_the_models_are_found_by_the_keys_that_they_had_in_their_session(con: Con) -> None:
    asked(con, "a", model="renamed", traced_as="a")
    asked(con, "b")
    ticks(con)
    process(con, "a")
    process(con, "b", (12, 13))
    process(con, "renamed", (12, 13))
    assert found(con) == [False]
    con.execute("DELETE FROM rounds")
    process(con, "b", range(12))
    assert found(con) == [True]


def test_the_servers_own_process_is_not_the_models(con: Con) -> None:
    both(con)
    ticks(con)
    process(con, "a")
    process(con, "b", (12, 13))
    process(con, "b", range(12), role="server")
    assert found(con) == [False]


def test_rounds_after_one_another_have_their_own_readings(con: Con) -> None:
    both(con)
    both(con, epoch=2, later=20)
    ticks(con, range(40))
    process(con, "a", range(40))
    process(con, "b", range(14))
    assert found(con, "epoch, readings, together") == [(1, 9, True), (2, 9, False)]


def test_the_clock_of_another_session_is_another_clock(con: Con) -> None:
    both(con)
    both(con, epoch=2, session_id="t")
    for session in ("s", "t"):
        ticks(con, session=session)
        process(con, "a", session=session)
    process(con, "b", session="s")
    process(con, "b", (12, 13), session="t")
    assert found(con) == [True, False]


def test_a_round_that_two_tests_share_is_judged_in_both(con: Con) -> None:
    both(con)
    both(con, test="u", source="u")
    ticks(con)
    process(con, "a")
    process(con, "b")
    assert found(con, "test, readings, together") == [("t", 9, True), ("u", 9, True)]
