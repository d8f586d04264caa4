from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from stages.trace.clock import SECOND
from stages.trace.lanes.lane import rows_of
from stages.trace.lanes.system import COLUMNS, SystemLane, kib, number
from tests.trace.notes import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

STAT = """cpu  100 20 30 4000 50 6 7 8 90 10
cpu0 100 20 30 4000 50 6 7 8 90 10
intr 999 1 2 3
ctxt 12345
btime 1700000000
"""
MEMINFO = """MemTotal: 1000 kB
MemFree: 10 kB
MemAvailable: 700 kB
SwapCached: 1 kB
SwapTotal: 500 kB
SwapFree: 400 kB
"""
VMSTAT = "nr_free_pages 1\npswpin 3\npswpout 4\npgfault 60\npgmajfault 9\nthp_fault_alloc 3\n"
PAGING = ("minor_faults", "major_faults", "swapped_in_bytes", "swapped_out_bytes")
EACH_TENTH = [name for name in COLUMNS if name not in (*PAGING, "t_ns")]


def lane_of(proc: Path, notes: Notes, **files: str) -> SystemLane:
    for name, text in files.items():
        (proc / name).write_text(text)
    lane = SystemLane(notes, proc)
    lane.open()
    return lane


def read(lane: SystemLane, t_ns: int) -> dict[str, Any]:
    (row,) = rows_of(lane.read(t_ns))
    return dict(zip(COLUMNS, row, strict=True))


def test_counters_of_a_known_machine(tmp_path: Path) -> None:
    notes = Notes()
    lane = lane_of(tmp_path, notes, stat=STAT, meminfo=MEMINFO, vmstat=VMSTAT)
    row = read(lane, 77 * SECOND)
    lane.close()
    jiffy = 10**9 // os.sysconf("SC_CLK_TCK")
    page = os.sysconf("SC_PAGE_SIZE")
    assert row == {
        "t_ns": 77 * SECOND,
        "cpu_user_ns": 120 * jiffy,  # with nice, without the guests that it already holds
        "cpu_system_ns": 43 * jiffy,
        "cpu_idle_ns": 4000 * jiffy,
        "cpu_iowait_ns": 50 * jiffy,
        "cpu_steal_ns": 8 * jiffy,
        "memory_total_bytes": 1000 * 1024,
        "memory_available_bytes": 700 * 1024,
        "swap_used_bytes": 100 * 1024,
        "minor_faults": 51,
        "major_faults": 9,
        "swapped_in_bytes": 3 * page,
        "swapped_out_bytes": 4 * page,
        "context_switches": 12345,
    }
    assert not notes


def test_faults_and_swapping_are_read_once_a_second(tmp_path: Path) -> None:
    lane = lane_of(tmp_path, Notes(), stat=STAT, meminfo=MEMINFO, vmstat=VMSTAT)
    rows = [read(lane, tick * SECOND // 20) for tick in range(20, 61)]
    lane.close()
    given = [row["t_ns"] for row in rows if row["major_faults"] is not None]
    assert given == [SECOND, 2 * SECOND, 3 * SECOND]
    for row in rows:
        assert len({row[name] is None for name in PAGING}) == 1


def test_the_next_row_is_whole_where_that_is_asked_for(tmp_path: Path) -> None:
    lane = lane_of(tmp_path, Notes(), stat=STAT, meminfo=MEMINFO, vmstat=VMSTAT)
    read(lane, SECOND)
    assert read(lane, SECOND + 1)["context_switches"] is None
    lane.read_all_next()
    assert read(lane, SECOND + 2)["context_switches"] == 12345
    lane.close()


@pytest.mark.parametrize(("hz", "every"), [(50, 5), (20, 2), (5, 1)])
def test_figures_are_read_ten_times_a_second(tmp_path: Path, hz: int, every: int) -> None:
    lane = lane_of(tmp_path, Notes(), stat=STAT, meminfo=MEMINFO, vmstat=VMSTAT)
    jitter = [0, SECOND // 1000]  # a tick that comes late
    rows = [read(lane, SECOND + tick * SECOND // hz + jitter[tick % 2]) for tick in range(21)]
    lane.close()
    for n, row in enumerate(rows):
        read_now = n % every == 0
        assert row["t_ns"] is not None  # the tracer was awake
        assert {row[name] is not None for name in EACH_TENTH} == {read_now}


def test_without_vmstat_faults_and_swapping_are_null_and_noted(tmp_path: Path) -> None:
    notes = Notes()
    lane = lane_of(tmp_path, notes, stat=STAT, meminfo=MEMINFO)
    row = read(lane, SECOND)
    lane.close()
    assert [row[name] for name in PAGING] == [None] * 4
    assert row["context_switches"] == 12345
    (note,) = notes
    assert note[:3] == ("lane_missing", "system", "page faults and swapping")
    assert "vmstat" in (note.detail or "")


def test_what_an_old_kernel_does_not_count_is_null(tmp_path: Path) -> None:
    lane = lane_of(tmp_path, Notes(), stat=STAT, meminfo="MemTotal: 1 kB\n", vmstat="pgfault 6\n")
    row = read(lane, SECOND)
    lane.close()
    assert [row[name] for name in PAGING] == [None] * 4
    assert row["memory_total_bytes"] == 1024
    assert row["memory_available_bytes"] is row["swap_used_bytes"] is None


def test_a_tick_is_what_the_files_said_then(tmp_path: Path) -> None:
    lane = lane_of(tmp_path, Notes(), stat=STAT, meminfo=MEMINFO, vmstat=VMSTAT)
    pending = lane.read(SECOND)
    (tmp_path / "stat").write_text(STAT.replace("12345", "99999"))
    lane.close()  # its reading is kept
    assert rows_of(pending)[0][-1] == 12345


def test_without_stat_there_is_no_lane(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lane_of(tmp_path, Notes())


def test_this_machine() -> None:
    lane = SystemLane(Notes())
    lane.open()
    row = read(lane, 5 * SECOND)
    assert None not in row.values()
    assert row["memory_total_bytes"] == psutil.virtual_memory().total
    assert 0 <= psutil.cpu_stats().ctx_switches - row["context_switches"] < 10**7
    lane.close()


def test_a_name_is_not_found_inside_another() -> None:
    text = b"xpgfault 1\npgfault_x 2\npgfault 3"
    assert number(text, b"\npgfault ") == 3
    assert number(text, b"\nother ") is None
    assert kib(b"A: 3 kB\n", b"A:") == 3072
