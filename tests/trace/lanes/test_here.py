from __future__ import annotations

import subprocess
import sys

import pytest

from stages.trace.lanes.here import lanes, peak_memory_bytes, process_lane
from stages.trace.schema import TRACE_TABLES
from tests.trace.notes import Notes

NOTES = Notes()
LANES = [process_lane(NOTES), *lanes(NOTES, list)]


def test_every_lane_is_there_once() -> None:
    machine = ["system", "disk", "network", "powercap"]
    slow = ["cores", "pressure", "cgroup", "temperature"]
    assert [lane.name for lane in LANES] == ["process", *machine, *slow]
    assert [lane.name for lane in LANES if lane.period_s == 1] == slow


@pytest.mark.parametrize("lane", LANES, ids=lambda lane: lane.name)
def test_a_lane_writes_every_column_of_its_table(lane: object) -> None:
    declared = [column.name for column in TRACE_TABLES[lane.table]]  # type: ignore[attr-defined]
    assert sorted([*lane.columns, "session_id"]) == sorted(declared)  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is what is read")
def test_psutil_is_not_loaded_on_linux() -> None:
    code = "import stages.trace.lanes.here, sys; sys.exit('psutil' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_peak_memory_is_that_of_this_process() -> None:
    assert 10**6 < (peak_memory_bytes() or 0) < 10**12
