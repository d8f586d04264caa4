"""What held a machine back, from two readings of each counter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stages.database.limits import build_limits
from tests.database.made import Con, S, empty, insert


@pytest.fixture
def con() -> Iterator[Con]:
    with empty() as con:
        yield con


def two(con: Con, table: str, first: dict[str, Any], **last: Any) -> None:
    """A reading at 0 s and one at 100 s, in which ``last`` has changed."""
    insert(con, table, {"session_id": "s", "t_ns": 0, **first},
           {"session_id": "s", "t_ns": 100 * S, **first, **last})  # fmt: skip


def found(con: Con, watched: str) -> list[tuple[Any, ...]]:
    build_limits(con)
    return con.execute(
        "SELECT subject, detail, happened, value, unit FROM limits WHERE watched = ?", [watched]
    ).fetchall()


def test_bits_of_a_gpu_in_percent_of_its_readings(con: Con) -> None:
    # idle, a clock that somebody set, the power cap twice, heat by hardware with its slowdown
    for t, bits in enumerate((1, 2, 4, 4, 8 | 64, 8, None)):
        insert(con, "trace_gpu", {"session_id": "s", "t_ns": t, "gpu": 0, "throttle_reasons": bits})
    assert {row[1]: row[3] for row in found(con, "gpu") if row[2]} == pytest.approx(
        {"power cap": 100 / 3, "heat, by hardware": 100 / 6, "slowed by hardware": 100 / 6}
    )


def test_a_gpu_that_does_not_say_was_not_watched(con: Con) -> None:
    insert(con, "trace_gpu", {"session_id": "s", "t_ns": 0, "gpu": 0, "temperature_c": 71})
    assert found(con, "gpu") == []
    assert con.execute("SELECT subject, value FROM limits").fetchall() == [("GPU 0", 71)]


def test_cores_that_share_a_counter_are_not_added_up(con: Con) -> None:
    for core in (0, 1):
        two(con, "trace_core", {"core": core, "throttles": 5, "throttled_ns": 0},
            throttles=7, throttled_ns=3 * S)  # fmt: skip
    ((_, detail, happened, times, unit),) = found(con, "heat")
    assert (detail, happened, times, unit) == ("3 s in all", True, 2, "times")


def test_limits_of_a_control_group(con: Con) -> None:
    two(con, "trace_cgroup", {"cgroup": "/a", "cpu_limit_cores": 1.5, "throttled_ns": S,
        "memory_limit_bytes": 2**30, "memory_used_bytes": 2**29, "oom_kills": 4},
        throttled_ns=4 * S, memory_used_bytes=2**30, oom_kills=5)  # fmt: skip
    assert found(con, "cpu_limit") == [("/a", "allowed cores: 1.5", True, 3, "s")]
    assert con.execute(
        "SELECT detail, happened, value FROM limits WHERE watched LIKE '%memory%' ORDER BY detail"
    ).fetchall() == [
        ("allowed: 1 GiB, file pages included", True, 100), ("processes killed", True, 1),
    ]  # fmt: skip


def test_a_group_without_limits_was_watched_all_the_same(con: Con) -> None:
    two(con, "trace_cgroup", {"cgroup": "/a", "memory_used_bytes": 9})
    assert found(con, "cpu_limit") == [("/a", "no limit", False, None, "s")]


@pytest.mark.parametrize(("waited_s", "happened"), [(0.5, False), (2, True)])
def test_waiting_from_one_percent_on(con: Con, waited_s: float, happened: bool) -> None:
    two(con, "trace_pressure", {"scope": "machine", "resource": "io", "some_ns": 0},
        some_ns=round(waited_s * S))  # fmt: skip
    assert found(con, "waiting") == [("io", "machine", happened, waited_s, "%")]


def test_swap_and_other_machines_time(con: Con) -> None:
    two(con, "trace_system", {"cpu_user_ns": 0, "cpu_system_ns": 0, "cpu_idle_ns": 0,
        "cpu_steal_ns": 0, "swapped_in_bytes": 0, "swapped_out_bytes": 0},
        cpu_idle_ns=90 * S, cpu_steal_ns=10 * S, swapped_in_bytes=2_000_000)  # fmt: skip
    assert found(con, "swap") == [("machine", "moved to and from swap", True, 2, "MB")]
    assert found(con, "steal")[0][3] == 10


def test_a_trace_of_an_earlier_version_says_nothing(con: Con) -> None:
    two(con, "trace_system", {"cpu_user_ns": 0})
    build_limits(con)
    assert con.execute("FROM limits").fetchall() == []
