"""What is drawn: each use where it was made, and no more in all than was used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stages.tracing import machine_courses
from stages.tracing.courses import ProcessCourses, edges
from stages.tracing.tables import Tables
from tests.tracing.traces import SECOND, process, run, tables

AT = np.arange(10, 21) * SECOND


def every_second(pid: int, first_s: int, last_s: int, cores: float, born_s: float) -> list:
    """A process that keeps so many cores busy, read each second."""
    return [
        process(t, pid, born_s, cpu_ns=round((t - born_s) * cores * SECOND), children_cpu_ns=0)
        for t in range(first_s, last_s + 1)
    ]


def cores(of: Tables) -> list[float]:
    found = ProcessCourses(of, "command", AT).cores()
    assert found is not None
    return [round(float(value), 6) for value in found]


def test_a_process_found_late_was_as_busy_before(tmp_path: Path) -> None:
    of = tables(tmp_path, run(), process=every_second(100, 13, 20, cores=1, born_s=10))
    assert cores(of) == [1.0] * 10


def test_an_ended_child_does_not_show_twice(tmp_path: Path) -> None:
    root = [
        process(t, 100, 10, cpu_ns=0, children_cpu_ns=4 * SECOND * (t >= 15)) for t in range(10, 21)
    ]
    child = every_second(200, 11, 14, cores=1, born_s=10)
    found = cores(tables(tmp_path, run(), process=[*root, *child]))
    assert found == [1.0] * 4 + [0.0] * 6


def test_a_child_that_ends_with_the_run_does_not_show_twice(tmp_path: Path) -> None:
    root = [
        process(t, 100, 10, cpu_ns=0, children_cpu_ns=9 * SECOND * (t >= 20)) for t in range(10, 21)
    ]
    child = every_second(200, 11, 19, cores=1, born_s=10)
    at = np.array([10 * SECOND, 19 * SECOND, 19.5 * SECOND], np.int64)
    courses = ProcessCourses(tables(tmp_path, run(), process=[*root, *child]), "command", at)
    assert courses.cores() == pytest.approx([1.0, 0.0])


def test_waiting_late_for_a_child_shows_nothing(tmp_path: Path) -> None:
    root = [
        process(t, 100, 10, cpu_ns=0, children_cpu_ns=4 * SECOND * (t >= 18)) for t in range(10, 21)
    ]
    child = every_second(200, 11, 14, cores=1, born_s=10)
    assert cores(tables(tmp_path, run(), process=[*root, *child])) == [1.0] * 4 + [0.0] * 6


def test_children_never_seen_show_when_they_are_waited_for(tmp_path: Path) -> None:
    root = [
        process(t, 100, 10, cpu_ns=0, children_cpu_ns=SECOND // 2 * (t - 10)) for t in range(10, 21)
    ]
    assert cores(tables(tmp_path, run(), process=root)) == [0.5] * 10


def test_a_watched_process_starts_with_nothing_used(tmp_path: Path) -> None:
    of = tables(
        tmp_path,
        run(command=[], pid=None, watched=[100]),
        process=[row | {"role": "watched"} for row in every_second(100, 10, 20, cores=2, born_s=1)],
    )
    found = ProcessCourses(of, "watched", AT).cores()
    assert found == pytest.approx([2.0] * 10)


def test_bytes_of_an_ended_child_do_not_show_twice(tmp_path: Path) -> None:
    root = [process(t, 100, 10, written_chars=300 * (t >= 13)) for t in range(10, 21)]
    child = [process(t, 200, 10, written_chars=150 * (t - 10)) for t in (11, 12)]
    of = tables(tmp_path, run(), process=[*root, *child])
    found = ProcessCourses(of, "command", AT).bytes_s("written_chars")
    assert found == pytest.approx([150, 150, 0, 0, 0, 0, 0, 0, 0, 0])


def test_a_process_whose_last_rows_were_not_read_in_full_has_not_ended(tmp_path: Path) -> None:
    # As in a trace whose tracer was killed: counters of bytes at 10, 15 and 18 s alone.
    rows = [
        process(t, pid, 10, written_chars=1000 * (t - 10) if t in (10, 15, 18) else None)
        for t in range(10, 21)
        for pid in (100, 200)
    ]
    found = ProcessCourses(tables(tmp_path, run(), process=rows), "command", AT)
    assert found.bytes_s("written_chars") == pytest.approx([2000] * 8 + [0, 0])


def test_what_is_not_read_at_each_tick_stays_as_it_was(tmp_path: Path) -> None:
    root = [
        process(t, 100, 10, cpu_ns=0, children_cpu_ns=(t - 10) * SECOND if t % 5 == 0 else None)
        for t in range(10, 21)
    ]
    found = cores(tables(tmp_path, run(), process=root))
    assert sum(found) == pytest.approx(10)
    assert min(found) >= 0


def test_children_never_seen_are_spread_over_the_second_before(tmp_path: Path) -> None:
    root = [
        process(t / 20, 100, 10, cpu_ns=0, children_cpu_ns=SECOND // 2 * (t >= 300))
        for t in range(200, 401)
    ]
    at = (np.linspace(10, 20, 201) * SECOND).astype(np.int64)
    found = ProcessCourses(tables(tmp_path, run(hz=20), process=root), "command", at).cores()
    assert found is not None
    assert max(found) <= 0.51
    assert sum(found[80:100]) / 20 == pytest.approx(0.5)  # 14 to 15 s


@pytest.mark.parametrize("ends", range(0, 25, 3))
def test_a_child_that_is_waited_for_between_two_full_readings_shows_once(
    tmp_path: Path, ends: int
) -> None:
    """50 readings a second, each fifth in full; a child with one core busy ends at one of them."""
    end = 15 + ends / 50
    ticks = [10 + n / 50 for n in range(501)]
    root = [
        process(
            t, 100, 10, cpu_ns=0, children_cpu_ns=full(n, round((end - 10) * SECOND) * (t > end))
        )
        for n, t in enumerate(ticks)
    ]
    child = [
        process(t, 200, 10, cpu_ns=round((t - 10) * SECOND), children_cpu_ns=full(n, 0))
        for n, t in enumerate(ticks)
        if t <= end
    ]
    at = np.linspace(10, 20, 241).astype(np.float64) * SECOND
    of = tables(tmp_path, run(hz=50), process=[*root, *child])
    found = ProcessCourses(of, "command", at.astype(np.int64)).cores()
    assert found is not None
    assert max(found) <= 1.05
    assert sum(found) / 24 == pytest.approx(end - 10, abs=0.05)


def full(tick: int, value: int) -> int | None:
    return None if tick % 5 else value


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_bytes_of_a_child_seen_as_it_ended_show_once(tmp_path: Path, after: int) -> None:
    """It was read in full when it had ended, ``after`` a reading of its parent, and waited for."""
    ticks = [10 + n / 50 for n in range(501)]
    root = [
        process(t, 100, 10, written_chars=full(n, 1000 if n > 250 + after else 0))
        for n, t in enumerate(ticks)
    ]
    child = [
        process(t, 200, 10, written_chars=1000 if n == 250 + after else full(n, 1000 if n else 0))
        for n, t in enumerate(ticks[: 251 + after])
    ]
    at = (np.linspace(10, 20, 241) * SECOND).astype(np.int64)
    of = tables(tmp_path, run(hz=50), process=[*root, *child])
    found = ProcessCourses(of, "command", at).bytes_s("written_chars")
    assert found is not None
    assert float(np.sum(found)) / 24 == pytest.approx(1000)


def test_nothing_read_gives_no_course(tmp_path: Path) -> None:
    courses = ProcessCourses(tables(tmp_path, run()), "command", AT)
    assert courses.cores() is None
    assert courses.bytes_s("written_chars") is None


def test_the_machines_cores_lie_between_the_ticks_that_read_them(tmp_path: Path) -> None:
    read = [
        {"t_ns": t * SECOND, "cpu_user_ns": 2 * t * SECOND, "cpu_system_ns": 0, "cpu_idle_ns": 0}
        for t in range(9, 25, 5)
    ]
    ticks = [{"t_ns": t * SECOND} for t in range(10, 21) if t not in range(9, 25, 5)]
    found = machine_courses.cores(tables(tmp_path, run(), system=[*read, *ticks]), AT)
    assert found is not None
    assert found.tolist() == [2.0] * 10


def test_steps_are_the_readings_or_as_many_as_can_be_shown(tmp_path: Path) -> None:
    few = tables(tmp_path, run(), process=every_second(100, 9, 21, cores=1, born_s=9))
    assert edges(few).tolist() == AT.tolist()
    long = run(end_ns=1010 * SECOND)
    many = tables(tmp_path, long, process=every_second(100, 10, 1010, cores=1, born_s=10))
    assert len(edges(many)) == 241
    assert edges(tables(tmp_path, run())).tolist() == [10 * SECOND, 20 * SECOND]
