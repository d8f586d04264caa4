from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stages.trace.lanes import core_frequency
from stages.trace.lanes.cores import COLUMNS, CoresLane
from stages.trace.lanes.lane import LaneMissing
from tests.trace.notes import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

TICK = 10**9 // os.sysconf("SC_CLK_TCK") if sys.platform == "linux" else 0
CPUINFO = """processor	: 0
cpu MHz		: 2399.998
flags		: fpu aperfmperf sse

processor	: 1
cpu MHz		: 800.000
flags		: fpu aperfmperf sse
"""


def machine(root: Path, *cores: int, frequency: bool = True, throttle: bool = True) -> Path:
    """A machine on which these cores are online. Core n runs at n + 1 GHz."""
    (root / "proc").mkdir(exist_ok=True)
    online(root, *cores)
    for core in cores:
        home = root / f"sys/devices/system/cpu/cpu{core}"
        if frequency:
            (home / "cpufreq").mkdir(parents=True, exist_ok=True)
            (home / "cpufreq/scaling_cur_freq").write_text(f"{core + 1}000000\n")
        if throttle:
            (home / "thermal_throttle").mkdir(parents=True, exist_ok=True)
            (home / "thermal_throttle/core_throttle_count").write_text("3\n")
            (home / "thermal_throttle/core_throttle_total_time_ms").write_text("20\n")
    return root


def online(root: Path, *cores: int) -> None:
    lines = "".join(f"cpu{core} 100 20 30 4000 50 6 7 8 90 10\n" for core in cores)
    (root / "proc/stat").write_text(f"cpu  1 2 3 4 5 6 7 8 9 10\n{lines}intr 1 2\nctxt 3\n")


def opened(root: Path, notes: Notes) -> CoresLane:
    lane = CoresLane(notes, root)
    lane.open()
    return lane


def column(lane: CoresLane, name: str) -> list[object]:
    return [row[COLUMNS.index(name)] for row in lane.read(1)]


def test_a_core_with_everything(tmp_path: Path) -> None:
    notes = Notes()
    lane = opened(machine(tmp_path, 0, 3), notes)
    first, second = lane.read(7)
    lane.close()
    assert dict(zip(COLUMNS, first, strict=True)) == {
        "t_ns": 7,
        "core": 0,
        "user_ns": 120 * TICK,  # with nice
        "system_ns": 43 * TICK,  # with both kinds of interrupts
        "idle_ns": 4050 * TICK,  # with waiting for a disk
        "steal_ns": 8 * TICK,
        "frequency_hz": 1_000_000_000,
        "throttles": 3,
        "throttled_ns": 20_000_000,
    }
    assert (second[1], second[6]) == (3, 4_000_000_000)
    assert not notes


def test_what_no_core_has_is_null_and_told_once_for_the_machine(tmp_path: Path) -> None:
    notes = Notes()
    lane = opened(machine(tmp_path, 0, 1, frequency=False, throttle=False), notes)
    for _ in range(3):
        assert [row[6:] for row in lane.read(1)] == [(None, None, None)] * 2
    lane.close()
    assert [note.subject for note in notes] == ["frequency", "throttles", "throttled time"]
    assert all(note.kind == "lane_missing" and note.detail for note in notes)
    assert "cpu0/thermal_throttle/core_throttle_count" in str(notes[1].detail)


def test_what_one_core_lacks_leaves_the_others(tmp_path: Path) -> None:
    notes = Notes()
    root = machine(tmp_path, 0, 1, 2)
    (root / "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq").write_text("<unknown>\n")
    lane = opened(root, notes)
    for _ in range(2):
        assert column(lane, "frequency_hz") == [1_000_000_000, None, 3_000_000_000]
    lane.close()
    (note,) = notes
    assert note.subject == "frequency"
    assert "cpu1" in str(note.detail)


def test_a_core_goes_offline_and_comes_back(tmp_path: Path) -> None:
    notes = Notes()
    root = machine(tmp_path, 0, 1)
    lane = opened(root, notes)
    assert column(lane, "core") == [0, 1]
    online(root, 0)
    file = root / "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq"
    file.unlink()
    assert column(lane, "core") == [0]
    file.write_text("5000000\n")  # not the file that was open before
    online(root, 0, 1)
    assert column(lane, "frequency_hz") == [1_000_000_000, 5_000_000_000]
    lane.close()
    assert not notes


def test_without_cpufreq_the_frequency_is_the_processors_own(tmp_path: Path) -> None:
    notes = Notes()
    root = machine(tmp_path, 0, 1, frequency=False)
    (root / "proc/cpuinfo").write_text(CPUINFO)
    lane = opened(root, notes)
    assert column(lane, "frequency_hz") == [2_399_998_000, 800_000_000]
    lane.close()
    assert not notes


def test_a_constant_is_no_present_frequency(tmp_path: Path) -> None:
    notes = Notes()
    root = machine(tmp_path, 0, 1, frequency=False)
    (root / "proc/cpuinfo").write_text(CPUINFO.replace(" aperfmperf", ""))
    lane = opened(root, notes)
    assert column(lane, "frequency_hz") == [None, None]
    lane.close()
    (note,) = notes
    assert "virtual machine" in str(note.detail)


def test_a_source_that_keeps_a_reader_waiting_is_given_up_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = machine(tmp_path, 0, 1)
    (root / "proc/cpuinfo").write_text(CPUINFO)
    lane = opened(root, Notes())
    monkeypatch.setattr(core_frequency.Waits, "too_long", lambda *_: False)
    assert column(lane, "frequency_hz") == [1_000_000_000, 2_000_000_000]
    monkeypatch.setattr(core_frequency.Waits, "too_long", lambda _, name, __: name == "CoreFiles")
    assert column(lane, "frequency_hz") == [2_399_998_000, 800_000_000]
    monkeypatch.setattr(core_frequency.Waits, "too_long", lambda *_: False)
    assert column(lane, "frequency_hz") == [2_399_998_000, 800_000_000]  # for good
    lane.close()


def test_a_kernel_that_tells_of_no_single_core(tmp_path: Path) -> None:
    lane = opened(machine(tmp_path), Notes())
    with pytest.raises(LaneMissing, match="single cores"):
        lane.read(1)
    lane.close()


def test_this_machine() -> None:
    lane = opened(Path("/"), Notes())
    assert len(lane.read(1)) >= 1
    before = sum(row[2] for row in lane.read(1))
    while sum(row[2] for row in lane.read(1)) == before:
        pass  # this loop is itself what is waited for
    lane.close()
