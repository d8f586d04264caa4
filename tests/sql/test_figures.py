"""The figures of the views on the fixture, each worked out by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stages.database import digest
from stages.database.metrics import metrics
from stages.database.observations import build_observations
from tests.fixtures import build, queried

Con = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return queried(build(tmp_path_factory.mktemp("run")))


@pytest.fixture
def con(built: Path, tmp_path: Path) -> Iterator[Con]:
    """A copy of the fixture's database, open to be changed."""
    shutil.copyfile(built, tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield con


def rows(con: Con, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def digested(con: Con, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query, once what is built of the trace has been built anew."""
    for table in digest.DERIVED:
        con.execute(f"DELETE FROM {table}")
    digest.build_digest(con)
    return rows(con, sql)


def test_tested_models_count_every_arm(con: Con) -> None:
    found = rows(con, "SELECT model, responses, ok, failed FROM tested_models")
    assert found == [("quick", 6, 5, 1), ("ponder", 6, 6, 0), ("elsewhere", 1, 1, 0)]


def test_a_files_folder_is_left_out(con: Con) -> None:
    found = rows(con, "SELECT source FROM selected_models")
    assert found == [("package:tiny/tiny.gguf",), ("…/tiny.gguf",)]


def test_medians_are_of_solo_responses_that_came(con: Con) -> None:
    sql = """SELECT n, median, low, high, interval, unit FROM model_summary
        WHERE model = 'quick' AND measure = 'response_s'"""
    assert rows(con, sql) == [(3, 3, 3, 3, "min–max", "s")]


def test_speed_leaves_the_first_token_out(con: Con) -> None:
    sql = "SELECT median FROM model_summary WHERE model = 'quick' AND measure = 'tokens_per_s'"
    assert rows(con, sql) == [(9.5,)]  # 19 tokens in 2 s


def test_thinking_takes_four_of_seven_seconds(con: Con) -> None:
    sql = """SELECT phase, n, seconds, round(time_share, 3), cpu_s FROM thinking_cost
        WHERE model = 'ponder'"""
    assert rows(con, sql) == [
        ("prefill", 4, 1, 0.143, 1), ("thinking", 4, 4, 0.571, 8), ("answer", 4, 2, 0.286, 4),
    ]  # fmt: skip


def test_side_by_side_a_token_takes_twice_as_long(con: Con) -> None:
    sql = "SELECT model, measure, n, ratio FROM sidebyside_slowdown WHERE model = 'ponder'"
    found = {measure: (n, round(ratio, 3)) for _, measure, n, ratio in rows(con, sql)}
    assert found == {
        "time_per_token": (1, 2), "time_to_first_token": (1, 1), "whole_response": (1, 1.857),
    }  # fmt: skip


def test_a_failed_arm_gives_no_pair(con: Con) -> None:
    con.execute("UPDATE responses SET status = 'error' WHERE response_id = 't1'")
    assert rows(con, "SELECT DISTINCT model FROM sidebyside_slowdown") == [("ponder",)]


def test_skew_of_a_round_whose_models_were_in_memory_at_once(con: Con) -> None:
    assert rows(con, "SELECT * EXCLUDE (skew_ms_median) FROM start_skew") == [
        ("both", 1, 2, 10, 1, 0, 0, 1)
    ]


def test_rounds_are_counted_by_what_is_known_of_them(con: Con) -> None:
    for epoch, together in ((2, "false"), (3, "NULL"), (4, "true")):
        con.execute(
            f"""INSERT INTO rounds SELECT * REPLACE ({epoch} AS epoch, {together} AS together,
                false AS overlapped, skew_ms + {epoch} AS skew_ms) FROM rounds WHERE epoch = 1"""
        )
    sql = "SELECT rounds, skew_ms_median, skew_ms_max, together, took_turns, untold, wrote_at_once"
    assert rows(con, f"{sql} FROM start_skew") == [(4, 12.5, 14, 2, 1, 1, 1)]


def test_a_round_that_took_turns_gives_no_pair(con: Con) -> None:
    con.execute(
        """INSERT INTO responses SELECT * REPLACE ('2' || response_id AS response_id, 2 AS epoch)
        FROM responses WHERE test = 'both'"""
    )
    con.execute("INSERT INTO rounds SELECT * REPLACE (2 AS epoch) FROM rounds")
    sql = "SELECT DISTINCT epoch, model FROM sidebyside_pairs ORDER BY ALL"
    assert rows(con, sql) == [(1, "ponder"), (1, "quick"), (2, "ponder"), (2, "quick")]
    con.execute("UPDATE rounds SET together = false WHERE epoch = 1")
    assert rows(con, sql) == [(2, "ponder"), (2, "quick")]
    con.execute("UPDATE rounds SET together = NULL WHERE epoch = 1")  # nobody knows
    assert rows(con, sql) == [(2, "ponder"), (2, "quick")]
    con.execute("UPDATE rounds SET together = true, failed = 1 WHERE epoch = 1")
    assert rows(con, sql) == [(2, "ponder"), (2, "quick")]
    con.execute("UPDATE rounds SET failed = 0")
    assert len(rows(con, sql)) == 4


def test_a_test_that_took_turns_has_no_slowdown(con: Con) -> None:
    assert metrics(con)["tests"]["both"].keys() == {"rounds", "took_turns", "slowdown"}
    con.execute("UPDATE rounds SET together = false")
    assert metrics(con)["tests"] == {"both": {"rounds": 1, "took_turns": 1}}


def test_forced_connections_are_not_counted_twice(con: Con) -> None:
    sql = """SELECT model, k, n, round(low, 2), round(high, 2), accuracy FROM overthinking
        WHERE verdict = 'forced_connection'"""
    assert rows(con, sql) == [("quick", 0, 2, 0, 0.66, 0.85), ("ponder", 1, 2, 0.09, 0.91, 0.85)]


def test_a_verdict_that_is_not_known_is_not_counted(con: Con) -> None:
    con.execute("UPDATE scores SET forced_connection = NULL")
    sql = "SELECT k, n FROM overthinking WHERE verdict = 'forced_connection' AND model = 'ponder'"
    assert rows(con, sql) == []


def test_stances_add_up(con: Con) -> None:
    sql = "SELECT stance, k, n FROM stances WHERE model = 'ponder'"
    assert rows(con, sql) == [("connect", 1, 2), ("separate", 1, 2)]


def test_repeats_are_compared_to_the_last_character(con: Con) -> None:
    sql = "SELECT kind, k, n FROM repeatability WHERE model = 'ponder'"
    # topics with seed 1 in three arms; topics and sum over two epochs, of which sum differs
    assert rows(con, sql) == [("same seed", 1, 1), ("other seeds", 1, 2)]
    con.execute("UPDATE responses SET answer = answer || ' ' WHERE response_id = 't2'")
    assert rows(con, sql) == [("same seed", 0, 1), ("other seeds", 1, 2)]


def test_network_counts_looks_and_bytes_beyond_loopback(con: Con) -> None:
    sql = """SELECT readings, with_sockets, sent_bytes, received_bytes
        FROM network_beyond_loopback WHERE source = 'quick'"""
    # from 1 s before to 1 s after 15 s: a look a second, a byte received a quarter second
    assert rows(con, sql) == [(18, 0, 0, 68)]
    con.execute("UPDATE trace_process SET remote_sockets = 1 WHERE t_ns = 1000000000000")
    assert digested(con, sql)[0][1] == 1


def test_sockets_that_cannot_be_read_are_unknown(con: Con) -> None:
    con.execute("UPDATE trace_process SET remote_sockets = NULL")
    sql = "SELECT DISTINCT readings, with_sockets FROM network_beyond_loopback"
    assert digested(con, sql) == [(0, None)]
    assert rows(con, "SELECT verdict FROM claims WHERE position = 13") == [("not testable here",)]


def test_the_tracer_tells_its_own_cost(con: Con) -> None:
    sql = "SELECT hz, late_ms, round(core_percent, 6), memory_mib FROM tracer_cost"
    assert set(rows(con, sql)) == {(4, 0, 1, 20)}


def test_late_and_missed_are_what_the_tracer_counted_and_unknown_where_it_did_not(con: Con) -> None:
    sql = "SELECT session_id, late, missed FROM tracer_cost ORDER BY session_id"
    first, *others = (session for session, _, _ in rows(con, sql))
    con.execute("DELETE FROM trace_events WHERE kind IN ('late', 'missed')")
    for kind, value in (("late", 0), ("missed", 3)):
        con.execute(
            "INSERT INTO trace_events (session_id, t_ns, kind, value) VALUES (?, 0, ?, ?)",
            [first, kind, value],
        )
    found = {session: (late, missed) for session, late, missed in rows(con, sql)}
    assert found == {first: (0, 3)} | dict.fromkeys(others, (None, None))


def test_gauges_are_of_the_time_under_way(con: Con) -> None:
    sql = "SELECT mean, unit FROM trace_observations WHERE source IS NULL AND gauge = 'memory'"
    assert rows(con, sql) == [(30, "%")]


def test_gauges_of_a_models_processes_are_of_its_responses(con: Con) -> None:
    sql = """SELECT gauge, unit, round(p05, 3), largest FROM model_observations
        WHERE model = 'ponder'"""
    # reading at one core, then two; side by side one each; 200 MiB all the time
    assert rows(con, sql) == [("cores", "cores", 1, 2), ("memory", "GiB", 0.195, 0.1953125)]


def test_memory_on_gpus_is_that_of_all_processes_and_gpus_in_a_second(con: Con) -> None:
    ((session,),) = rows(con, "SELECT session_id FROM responses WHERE model = 'ponder' LIMIT 1")
    half, whole = 2**29, 2**30
    read: list[tuple[float, int, int | None]] = [
        (1, 0, half), (1, 1, whole), (2, 0, whole), (2, 1, whole), (3, 0, None), (3, 1, half),
    ]  # fmt: skip
    read.append((2.5, 0, whole))  # of the same process once more in a second
    con.executemany(
        "INSERT INTO trace_gpu_process (session_id, t_ns, gpu, pid, model, memory_bytes) "
        "VALUES (?, ?, ?, 7, 'ponder', ?)",
        [(session, int(second * 10**9) + gpu, gpu, memory) for second, gpu, memory in read],
    )
    con.execute("DELETE FROM observations; DELETE FROM model_gauges")
    build_observations(con)
    sql = "SELECT unit, n, mean, largest FROM model_observations WHERE gauge = 'GPU memory'"
    assert rows(con, sql) == [("GiB", 2, 1.75, 2)]  # what wasn't told of one isn't of all


def test_evidence_stands_beside_the_stance(con: Con) -> None:
    sql = "SELECT stance, evidence FROM outcomes WHERE response_id = 'q1'"
    assert rows(con, sql) == [("separate", ["They have nothing to do"])]


def test_two_clocks_take_an_engine_that_says_something_and_a_response_that_came(con: Con) -> None:
    assert rows(con, "FROM clocks") == []  # decode isn't told
    con.execute("UPDATE responses SET decode_ns = 1")
    found = [row[0] for row in rows(con, "SELECT response_id FROM clocks ORDER BY 1")]
    # not the import, which nobody timed, and not the failed q4
    assert found == ["a1", "a2", "p1", "p2", "p3", "p4", "q1", "q2", "q3", "t1", "t2"]


def test_what_could_not_be_read_is_counted_over_the_sessions(con: Con) -> None:
    sql = "SELECT lane, subject, sessions, all_sessions FROM missing_lanes"
    assert rows(con, sql) == [("gpu", None, 3, 3)]
    for session, pid in (("quick", 99), ("ponder", 99), ("quick", 100), ("ponder", 100)):
        con.execute(
            f"""INSERT INTO trace_events (session_id, kind, lane, subject, detail)
            VALUES ('session-{session}', 'lane_missing', 'process', '{pid}', 'not permitted')"""
        )
    # pid 99 is the tracer in each session, pid 100 another model's
    assert rows(con, sql)[1:] == [
        ("process", "ponder", 1, 3), ("process", "quick", 1, 3), ("process", "tracer", 2, 3),
    ]  # fmt: skip


def test_the_servers_sockets_count_with_the_engines(con: Con) -> None:
    con.execute("UPDATE trace_process SET role = 'server', remote_sockets = 2 WHERE pid = 99")
    sql = """SELECT readings, with_sockets, most_sockets FROM network_beyond_loopback
        WHERE source = 'quick'"""
    # the engine's 18 looks, none with any; the server's 69 readings
    assert digested(con, sql) == [(18 + 69, 69, 2)]


# claims


def verdict(con: Con, position: int) -> tuple[str, str]:
    found = rows(con, f"SELECT verdict, why FROM claims WHERE position = {position}")
    return found[0][0], found[0][1]


def test_demonstrations_decide_nothing_about_reasoning_models(con: Con) -> None:
    found = set(rows(con, "SELECT verdict, why FROM claims WHERE position <= 12"))
    assert found == {("not testable here", "only demonstration models ran")}


def real_models(con: Con, n: int, large_connects: int) -> None:
    """Two reasoning models of 1 and 70 billion weights, n answers each to unrelated topics."""
    con.execute("UPDATE models SET demo = false, thinking_mode = 'native'")
    con.execute("UPDATE models SET parameters = if(model = 'quick', 1e9, 70e9)")
    con.execute("UPDATE responses SET thinking_mode = 'native' WHERE model <> 'elsewhere'")
    con.execute("DELETE FROM responses WHERE test IS NOT NULL OR prompt_id <> 'topics'")
    con.execute("UPDATE responses SET thinking_s = 2 WHERE model = 'quick'")
    for response_id, connects in (("q1", 0), ("p1", large_connects)):
        con.execute(
            f"""INSERT INTO scores BY NAME
            SELECT s.* REPLACE (i || s.response_id AS response_id, r.thinking_s AS thinking_s,
                if(i <= {connects}, 'connect', 'separate') AS stance,
                i <= {connects} AS forced_connection)
            FROM scores s JOIN responses r USING (response_id), range(1, {n + 1}) t(i)
            WHERE s.response_id = '{response_id}'"""
        )
        con.execute(
            f"""INSERT INTO responses BY NAME
            SELECT r.* REPLACE (i || r.response_id AS response_id)
            FROM responses r, range(1, {n + 1}) t(i) WHERE r.response_id = '{response_id}'"""
        )
    con.execute("DELETE FROM responses WHERE response_id IN ('q1', 'q2', 'p1', 'p2')")


def test_clear_differences_reproduce_the_claims(con: Con) -> None:
    real_models(con, 20, large_connects=20)
    for position in (7, 8, 9, 11):
        assert verdict(con, position)[0] == "reproduced", position


def test_clear_absence_does_not_reproduce_it(con: Con) -> None:
    real_models(con, 20, large_connects=0)
    assert verdict(con, 9)[0] == "not reproduced"


def test_too_few_to_tell_is_not_a_verdict(con: Con) -> None:
    real_models(con, 3, large_connects=2)
    assert verdict(con, 9) == (
        "not testable here", "the interval holds 50 %: too few to tell",
    )  # fmt: skip
    assert verdict(con, 7) == ("not testable here", "it takes 6 thoughts of each model")


def test_one_size_cannot_tell_large_from_small(con: Con) -> None:
    real_models(con, 20, large_connects=20)
    con.execute("UPDATE models SET parameters = 7")
    assert verdict(con, 11)[1] == "it takes reasoning models of at least two known sizes"


def test_models_that_took_turns_did_not_run_at_the_same_time(con: Con) -> None:
    con.execute("UPDATE models SET demo = false")
    assert verdict(con, 5) == ("reproduced", "it holds if they were there in every round")
    con.execute("INSERT INTO rounds SELECT * REPLACE (NULL AS together) FROM rounds")
    assert verdict(con, 5) == (
        "reproduced", "it holds if they were there in every round; 1 more can't be told",
    )  # fmt: skip
    assert rows(con, "SELECT value, n FROM claims WHERE position = 5") == [(100, 1)]
    con.execute("UPDATE rounds SET together = false WHERE together")
    assert verdict(con, 5)[0] == "not reproduced"
    assert rows(con, "SELECT value, n FROM claims WHERE position = 5") == [(0, 1)]
    con.execute("UPDATE rounds SET together = NULL")
    assert verdict(con, 5) == (
        "not testable here", "nothing could be read of what was in memory",
    )  # fmt: skip
    con.execute("DELETE FROM rounds")
    assert verdict(con, 5) == ("not testable here", "no side-by-side test ran")
