"""Nothing is counted twice, and nothing that somebody waited for is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from stages.tracing.counted import Counted
from tests.tracing.traces import SECOND, process, run, tables

BORN_AFTER = 17 * SECOND  # in time since boot: the run begins at 10 s of monotonic time
ROOT = 100


def counted(folder: Path, *rows: Any) -> Counted:
    return Counted.of(tables(folder, run(), process=rows).scan("trace_process"))


def since(found: Counted, counter: str, *, last_s: int = 20) -> int | None:
    return found.since(counter, BORN_AFTER, [ROOT], last_s * SECOND)


def test_a_child_seen_and_waited_for_counts_once(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        process(11, ROOT, 10, cpu_ns=1, children_cpu_ns=0, written_chars=10),
        process(12, 200, 11, cpu_ns=50, children_cpu_ns=0, written_chars=500),
        # By the last reading it has ended, having used a little more.
        process(20, ROOT, 10, cpu_ns=5, children_cpu_ns=53, written_chars=540),
    )
    assert since(found, "cpu_ns") == 5 + 53
    assert since(found, "written_chars") == 540


def test_children_never_seen_count(tmp_path: Path) -> None:
    found = counted(tmp_path, process(20, ROOT, 10, cpu_ns=5, children_cpu_ns=900))
    assert since(found, "cpu_ns") == 905


def test_what_lives_on_counts_beside_the_root(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        process(15, ROOT, 10, cpu_ns=5, children_cpu_ns=0, written_chars=1),
        process(20, 200, 11, cpu_ns=50, children_cpu_ns=7, written_chars=500),
    )
    assert since(found, "cpu_ns") == 5 + 50 + 7
    assert since(found, "written_chars") == 501


def test_what_was_used_before_the_run_does_not_count(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        process(10, ROOT, 1, cpu_ns=1000, children_cpu_ns=100, written_chars=10_000),
        process(10, 200, 2, cpu_ns=300, children_cpu_ns=0, written_chars=3_000),
        process(20, ROOT, 1, cpu_ns=1004, children_cpu_ns=430, written_chars=13_300),
    )
    # The child (300 before the run) ended with 330, and had written 3,300 in all.
    assert since(found, "cpu_ns") == 4 + 30
    assert since(found, "written_chars") == 300


def test_an_orphan_that_ended_counts_with_its_own_cpu_time(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        process(15, 200, 11, cpu_ns=50, children_cpu_ns=0),
        process(20, ROOT, 10, cpu_ns=5, children_cpu_ns=0),
    )
    assert since(found, "cpu_ns") == 55


def test_one_unknown_makes_the_sum_unknown(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        process(20, ROOT, 10, cpu_ns=5, written_chars=1),
        process(20, 200, 10, cpu_ns=5, written_chars=None),
    )
    assert since(found, "written_chars") is None
    assert since(found, "cpu_ns") == 10
    assert found.whole("written_chars") is None


def test_the_outliving_are_those_of_the_last_reading(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        process(20, ROOT, 10, cpu_ns=1, children_cpu_ns=0),
        process(19, 200, 10, cpu_ns=10, children_cpu_ns=0),
        process(20, 300, 10, cpu_ns=100, children_cpu_ns=1000),
        process(20, 400, 10, cpu_ns=10_000, children_cpu_ns=0),
    )
    assert found.at_last(20 * SECOND, {ROOT, 400}).whole("cpu_ns") == 1100
    assert found.at_last(None, set()).whole("cpu_ns") == 0


def test_a_number_used_again_is_another_process(tmp_path: Path) -> None:
    found = counted(tmp_path, process(11, 200, 10, cpu_ns=5), process(20, 200, 15, cpu_ns=7))
    assert found.lives.height == 2
    assert found.lives.select(pl.col("cpu_ns").sum()).item() == 12
