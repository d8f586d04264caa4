"""Phases from a trace of a few readings, one each second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stages.database.phases import build_phases
from tests.database.made import Con, S, empty, event, gpu, insert, machine, readings, response


@pytest.fixture
def con() -> Iterator[Con]:
    with empty() as con:
        yield con


def phases(con: Con, columns: str) -> list[tuple[Any, ...]]:
    build_phases(con)
    return con.execute(f"SELECT phase, {columns} FROM phases ORDER BY start_ns, phase").fetchall()


def test_counters_are_differences(con: Con) -> None:
    response(con)
    readings(con, range(7))
    columns = "seconds, cpu_s, cores_used, read_bytes, written_bytes, minor_faults, major_faults"
    assert phases(con, columns) == [
        ("prefill", 1, 0.5, 0.5, 10, 1, 3, 0),
        ("thinking", 2, 1, 0.5, 20, 2, 6, 0),
        ("answer", 1, 0.5, 0.5, 10, 1, 3, 0),
    ]


def test_memory_is_what_was_read_within(con: Con) -> None:
    response(con)
    readings(con, range(7))
    # thinking lasts from 2 to 4 s: 20 and 30 bytes were read
    assert phases(con, "memory_peak_bytes, memory_mean_bytes") == [
        ("prefill", 10, 10), ("thinking", 30, 25), ("answer", 40, 40),
    ]  # fmt: skip


def test_mean_memory_weighs_each_quarter_second_alike(con: Con) -> None:
    response(con, first_answer_ns=None, answer=None)
    # three readings in one quarter second, of 20 bytes, weigh as much as one of 40 bytes
    readings(con, (0, 2, 2.01, 2.02, 4, 5))
    assert phases(con, "memory_mean_bytes")[1] == ("thinking", 30)


def test_a_phase_between_two_readings_has_the_memory_of_the_one_before(con: Con) -> None:
    response(con, request_ns=S + S // 4, first_token_ns=S + S // 2)
    readings(con, range(7))
    assert phases(con, "memory_peak_bytes, memory_mean_bytes, cpu_s")[0] == (
        "prefill", 10, 10, 0.125,
    )  # fmt: skip


def test_memory_that_some_readings_lack_is_that_of_the_others(con: Con) -> None:
    response(con)
    readings(con, (x / 10 for x in range(70)))
    con.execute("UPDATE trace_process SET rss_bytes = NULL WHERE t_ns % 1_000_000_000 <> 0")
    assert phases(con, "memory_peak_bytes, memory_mean_bytes") == [
        ("prefill", 10, 10), ("thinking", 30, 25), ("answer", 40, 40),
    ]  # fmt: skip


def test_a_phase_in_which_memory_was_not_read_has_that_of_the_reading_before(con: Con) -> None:
    response(con, first_token_ns=2 * S + S // 2, first_answer_ns=2 * S + 3 * S // 4)
    readings(con, (x / 10 for x in range(70)))
    con.execute("UPDATE trace_process SET rss_bytes = NULL WHERE t_ns % 1_000_000_000 <> 0")
    columns = "memory_peak_bytes, memory_mean_bytes, cpu_s"
    assert phases(con, columns)[1] == ("thinking", 20, 20, pytest.approx(0.125))


def test_edges_between_readings_are_interpolated(con: Con) -> None:
    response(con, request_ns=S + S // 4)
    readings(con, range(7))
    assert phases(con, "seconds, cpu_s")[0] == ("prefill", 0.75, 0.375)


IN_FULL = ("read_bytes", "written_bytes", "minor_faults", "major_faults")
NOT_IN_FULL = f"UPDATE trace_process SET {', '.join(f'{name} = NULL' for name in IN_FULL)}"


def test_bytes_go_by_the_readings_that_have_them(con: Con) -> None:
    response(con)  # prefill 1 to 2 s, thinking to 4 s, answer to 5 s
    readings(con, [t / 4 for t in range(26)])
    # Read at 0, 3 and 6 s alone; 10 bytes a second all along.
    con.execute(f"{NOT_IN_FULL} WHERE t_ns % 3_000_000_000 <> 0")
    assert phases(con, "read_bytes, written_bytes, minor_faults, cpu_s") == [
        ("prefill", 10, 1, 3, 0.5), ("thinking", 20, 2, 6, 1), ("answer", 10, 1, 3, 0.5),
    ]  # fmt: skip


def test_a_process_whose_bytes_were_read_once_moved_none_that_is_known(con: Con) -> None:
    response(con)
    readings(con, range(7), pid=1)
    readings(con, (3, 4, 5), pid=2)
    con.execute(f"{NOT_IN_FULL} WHERE pid = 2 AND t_ns > 3_000_000_000")
    assert [row[1] for row in phases(con, "read_bytes")] == [10, 20, 10]


def test_what_may_be_read_no_longer_is_null_from_then_on(con: Con) -> None:
    response(con)  # prefill 1 to 2 s, thinking to 4 s, answer to 5 s
    readings(con, range(7))
    con.execute("UPDATE trace_process SET read_bytes = NULL WHERE t_ns > 2_000_000_000")
    found = phases(con, "read_bytes, minor_faults")
    assert found[0] == ("prefill", 10, 3)
    assert found[2] == ("answer", None, 3)


def test_phases_of_tenths_of_one_second(con: Con) -> None:
    times = {"request_ns": 11, "first_token_ns": 13, "first_answer_ns": 16, "end_ns": 20}
    response(con, **{name: tenths * S // 10 for name, tenths in times.items()})
    readings(con, [t / 20 for t in range(60)], cores=1)
    assert phases(con, "cpu_s") == [
        ("prefill", pytest.approx(0.2)), ("thinking", pytest.approx(0.3)),
        ("answer", pytest.approx(0.4)),
    ]  # fmt: skip


def test_processes_of_a_model_add_up_and_others_do_not(con: Con) -> None:
    response(con)
    readings(con, range(7), pid=1)
    readings(con, range(7), pid=2)
    readings(con, range(7), pid=3, model="other")
    assert phases(con, "cpu_s, memory_peak_bytes, memory_mean_bytes")[0] == ("prefill", 1, 20, 20)


def test_memory_of_a_process_and_of_the_one_in_its_place_is_not_added(con: Con) -> None:
    response(con)
    readings(con, (0, 1, 2), pid=1)
    readings(con, (3, 4, 5, 6), pid=2)
    assert phases(con, "memory_peak_bytes")[1] == ("thinking", 30)


def test_what_ended_within_a_phase_counts_to_its_last_reading(con: Con) -> None:
    response(con)
    readings(con, range(7), pid=1)
    readings(con, range(4), pid=2)
    # 0.5 s each to 3 s, where pid 2 ended; the other went on
    assert phases(con, "cpu_s, minor_faults")[1:] == [("thinking", 1.5, 9), ("answer", 0.5, 3)]


def test_a_model_is_found_by_the_key_that_it_had_in_its_session(con: Con) -> None:
    response(con, model="renamed", traced_as="m")
    readings(con, range(7))
    assert phases(con, "cpu_s")[0] == ("prefill", 0.5)


def test_two_rows_of_one_response_have_the_same_figures(con: Con) -> None:
    response(con, response_id="a", source="test1")
    response(con, response_id="b", source="test2")
    readings(con, range(7))
    gpu(con, range(7))
    found = phases(con, "response_id, cpu_s, memory_peak_bytes, energy_j, gpu_utilisation")
    of = {name: [row[:1] + row[2:] for row in found if row[1] == name] for name in ("a", "b")}
    assert of["a"] == of["b"]
    assert of["a"][1] == ("thinking", 1, 30, pytest.approx(6), 50)


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
        ("prefill", 0.5, 10), ("thinking", None, None), ("answer", None, None),
    ]  # fmt: skip


def test_readings_long_before_and_after_the_responses_change_nothing(con: Con) -> None:
    response(con)
    readings(con, [-90, *range(7), 300])
    assert phases(con, "cpu_s")[1] == ("thinking", 1)


def test_what_may_not_be_read_is_null(con: Con) -> None:
    response(con)
    readings(con, range(7))
    con.execute("UPDATE trace_process SET read_bytes = NULL")
    assert {row[1:] for row in phases(con, "read_bytes, written_bytes IS NULL")} == {(None, False)}


def test_a_counter_that_goes_back_is_never_negative(con: Con) -> None:
    response(con)
    readings(con, range(7))
    con.execute(f"UPDATE trace_process SET cpu_ns = 0 WHERE t_ns >= {3 * S}")
    assert all(cpu >= 0 for _, cpu in phases(con, "cpu_s"))


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


# GPUs


def test_gpus_are_averaged_and_their_memory_added_up(con: Con) -> None:
    response(con)
    gpu(con, range(7))
    gpu(con, range(7), index=1, utilisation_percent=100)
    columns = "gpu_utilisation, gpu_memory_peak_bytes"
    assert phases(con, columns)[0] == ("prefill", 75, 14)


def test_without_a_gpu_there_is_no_figure_of_one(con: Con) -> None:
    response(con)
    assert phases(con, "gpu_utilisation, gpu_memory_peak_bytes")[0] == ("prefill", None, None)


# suspends


@pytest.mark.parametrize(
    ("second", "null"),
    [
        (3.5, {"thinking"}),
        (5.5, {"answer"}),
        # from the reading at 2 s to that at 3 s one phase ends and one begins: which of them slept?
        (2.9, {"prefill", "thinking"}),
        (0.5, set()),
        (8.5, set()),
    ],
)
def test_what_a_suspend_falls_into_has_no_counters(con: Con, second: float, null: set[str]) -> None:
    times = {"request_ns": 1, "first_token_ns": 2, "first_answer_ns": 4, "end_ns": 7}
    response(con, **{name: t * S + 1 for name, t in times.items()})
    for read in (readings, machine, gpu):
        read(con, range(10))
    event(con, second, "suspend", value=60.0)
    found = phases(con, "cpu_s, read_bytes, energy_j, energy_reason, memory_peak_bytes")
    for phase, cpu, read_bytes, energy, reason, memory in found:
        gone = phase in null
        assert (cpu is None, read_bytes is None, energy is None) == (gone, gone, gone), phase
        assert (reason == "the machine was suspended meanwhile") == gone
        assert memory is not None


# an estimate


def test_a_given_tdp_makes_an_estimate_beside_the_missing_energy(con: Con) -> None:
    response(con)
    readings(con, range(7))
    insert(con, "environment", {"session_id": "s", "cores_logical": 4})
    insert(con, "settings", {"name": "trace_tdp_w", "value": "80"})
    # half a core of four, of 80 W: 10 W
    assert phases(con, "energy_estimate_j, energy_j") == [
        ("prefill", 10, None), ("thinking", 20, None), ("answer", 10, None),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [None, "much"])
def test_no_tdp_no_estimate(con: Con, value: str | None) -> None:
    response(con)
    readings(con, range(7))
    insert(con, "environment", {"session_id": "s", "cores_logical": 4})
    insert(con, "settings", {"name": "trace_tdp_w", "value": value})
    assert {row[1] for row in phases(con, "energy_estimate_j")} == {None}


# reasons


def test_no_trace_says_so(con: Con) -> None:
    response(con)
    assert phases(con, "energy_reason")[0] == ("prefill", "no trace of this session is here")


def test_nothing_that_measures_energy_says_why_of_each(con: Con) -> None:
    response(con)
    machine(con, range(7))
    event(con, 0, "lane_missing", lane="powercap", detail="hidden; start it so")
    insert(con, "environment", {"session_id": "s", "gpu_reason": "no library"})
    assert phases(con, "energy_reason")[0] == (
        "prefill", "GPU: no library; CPU: hidden; start it so",
    )  # fmt: skip


def test_a_gpu_without_energy_or_power_says_why(con: Con) -> None:
    response(con)
    machine(con, range(7))
    gpu(con, range(7), watts=None)
    event(con, 0, "lane_missing", lane="gpu", subject="energy of GPU 0", detail="Not Supported")
    assert phases(con, "energy_j, energy_reason")[0] == (
        "prefill", None,
        "GPU: energy of GPU 0: Not Supported; CPU: its energy wasn't traced",
    )  # fmt: skip


def test_readings_that_do_not_reach_the_phase_say_so(con: Con) -> None:
    response(con)
    machine(con, range(7))
    gpu(con, range(4))
    assert phases(con, "energy_reason") == [
        ("prefill", None),
        ("thinking", "the readings don't cover this phase"),
        ("answer", "the readings don't cover this phase"),
    ]
