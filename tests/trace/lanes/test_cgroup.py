from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from stages.trace.lanes.cgroup import COLUMNS, CgroupLane
from stages.trace.lanes.lane import LaneMissing
from tests.trace.notes import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

V2 = "30 20 0:26 / /cg rw - cgroup2 cgroup2 rw\n"
V1 = "31 20 0:27 / /cg/{0} rw - cgroup cgroup rw,{0}\n"
HUGE = "9223372036854771712\n"


def system(root: Path, mounts: str, own: str, **files: str) -> Path:
    """``files`` are below the folder of all groups."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(mounts)
    (root / "proc/self/cgroup").write_text(own)
    for name, text in files.items():
        path = root / "cg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def opened(root: Path, notes: Notes | None = None, pids: list[int] | None = None) -> CgroupLane:
    lane = CgroupLane(Notes() if notes is None else notes, lambda: pids or [], root)
    lane.open()
    return lane


def rows(lane: CgroupLane) -> dict[str, dict[str, object]]:
    """What is known of each group."""
    return {
        row[1]: {
            name: value
            for name, value in zip(COLUMNS[2:], row[2:], strict=True)
            if value is not None
        }
        for row in lane.read(5)
    }


GROUP = {
    "cpu.max": "150000 100000\n",
    "cpu.stat": "usage_usec 9\nnr_periods 40\nnr_throttled 4\nthrottled_usec 7\n",
    "memory.max": "max\n",
    "memory.current": "1000\n",
    "memory.events": "low 0\noom 2\noom_kill 1\noom_group_kill 0\n",
}


def below(folder: str, **changed: str) -> dict[str, str]:
    """The files of a group of version 2."""
    files = GROUP | {name.replace("_", "."): text for name, text in changed.items()}
    return {f"{folder}/{name}": text for name, text in files.items()}


def test_version_2(tmp_path: Path) -> None:
    lane = opened(system(tmp_path, V2, "0::/a\n", **below("a")))
    assert rows(lane) == {
        "/a": {
            "cpu_limit_cores": 1.5,
            "periods": 40,
            "throttled_periods": 4,
            "throttled_ns": 7000,
            "memory_used_bytes": 1000,
            "oom_kills": 1,
        }
    }
    lane.close()


def test_the_tightest_limit_above_counts_with_its_own_counters(tmp_path: Path) -> None:
    stat = "nr_periods 90\nnr_throttled 9\nthrottled_usec 3\n"
    outer = below("a", cpu_max="50000 100000\n", cpu_stat=stat, memory_max="800\n")
    outer["a/memory.current"] = "700\n"
    inner = below("a/b", memory_max="900\n")
    lane = opened(system(tmp_path, V2, "0::/a/b\n", **outer, **inner))
    assert rows(lane) == {
        "/a/b": {
            "cpu_limit_cores": 0.5,
            "periods": 90,
            "throttled_periods": 9,
            "throttled_ns": 3000,
            "memory_limit_bytes": 800,
            "memory_used_bytes": 700,
            "oom_kills": 1,  # of its own
        }
    }
    lane.close()


def test_without_a_limit_the_counters_are_the_groups_own(tmp_path: Path) -> None:
    files = below("a", cpu_max="max 100000\n") | below("a/b", cpu_max="max 100000\n")
    files["a/memory.current"] = "5000\n"
    lane = opened(system(tmp_path, V2, "0::/a/b\n", **files))
    found = rows(lane)["/a/b"]
    assert "cpu_limit_cores" not in found
    assert (found["periods"], found["memory_used_bytes"]) == (40, 1000)
    lane.close()


def test_version_1_beside_an_empty_version_2(tmp_path: Path) -> None:
    own = "4:memory:/m/n\n1:cpu:/c\n0::/\n"
    mounts = V1.format("cpu") + V1.format("memory") + V2.replace("/cg", "/cg/unified")
    files = {
        "unified/cpu.stat": "usage_usec 9\n",
        "cpu/cpu.cfs_quota_us": "-1\n",
        "cpu/cpu.cfs_period_us": "100000\n",
        "cpu/c/cpu.cfs_quota_us": "25000\n",
        "cpu/c/cpu.cfs_period_us": "100000\n",
        "cpu/c/cpu.stat": "nr_periods 5\nnr_throttled 2\nthrottled_time 77\n",
        "memory/memory.limit_in_bytes": HUGE,
        "memory/m/memory.limit_in_bytes": "4096\n",
        "memory/m/memory.usage_in_bytes": "4000\n",
        "memory/m/n/memory.limit_in_bytes": HUGE,
        "memory/m/n/memory.usage_in_bytes": "3000\n",
        "memory/m/n/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 6\n",
    }
    notes = Notes()
    lane = opened(system(tmp_path, mounts, own, **files), notes)
    assert rows(lane) == {
        "/c": {
            "cpu_limit_cores": 0.25,
            "periods": 5,
            "throttled_periods": 2,
            "throttled_ns": 77,
        },
        "/m/n": {"memory_limit_bytes": 4096, "memory_used_bytes": 4000, "oom_kills": 6},
    }
    lane.close()
    assert not notes  # version 2 isn't meant to say anything here


def test_the_largest_number_of_version_1_is_no_limit(tmp_path: Path) -> None:
    files = {"memory/memory.limit_in_bytes": HUGE, "memory/memory.usage_in_bytes": "5\n"}
    lane = opened(system(tmp_path, V1.format("memory"), "4:memory:/\n", **files))
    assert rows(lane) == {"/": {"memory_used_bytes": 5}}
    lane.close()


def test_limits_that_change_and_groups_that_vanish(tmp_path: Path) -> None:
    root = system(tmp_path, V2, "0::/a\n", **below("a"), **below("b"))
    (root / "proc/7").mkdir()
    (root / "proc/7/cgroup").write_text("0::/b\n")
    lane = opened(root, pids=[7])
    assert rows(lane).keys() == {"/a", "/b"}
    (root / "cg/a/cpu.max").write_text("20000 100000\n")
    (root / "proc/7/cgroup").unlink()
    assert rows(lane)["/a"]["cpu_limit_cores"] == 0.2
    assert rows(lane).keys() == {"/a", "/b"}  # its last process has ended, its counters are there
    shutil.rmtree(root / "cg/b")
    assert rows(lane).keys() == {"/a"}
    lane.close()


def test_garbage_is_null(tmp_path: Path) -> None:
    texts = {"cpu_max": "fast\n", "cpu_stat": "nr_periods\n\xff 4\n", "memory_max": "-7\n"}
    texts |= {"memory_current": "9" * 30, "memory_events": "oom_kill 3\noom_kill x\n"}
    lane = opened(system(tmp_path, V2, "0::/a\n", **below("a", **texts)))
    assert rows(lane) == {"/a": {"oom_kills": 3}}
    lane.close()


def test_a_group_that_says_nothing_has_no_row_and_is_told_once(tmp_path: Path) -> None:
    notes = Notes()
    files = {"cpu.stat": "usage_usec 9\n"} | below("a")
    root = system(tmp_path, V2, "0::/\n", **files)
    (root / "proc/7").mkdir()
    (root / "proc/7/cgroup").write_text("0::/a\n")
    pids: list[int] = []
    lane = CgroupLane(notes, lambda: pids, root)
    lane.open()
    assert rows(lane) == {}
    pids.append(7)
    assert rows(lane).keys() == {"/a"}
    lane.close()
    (note,) = notes
    assert note[:3] == ("lane_missing", "cgroup", "/")
    assert "neither limits nor counters" in str(note.detail)


def test_without_control_groups_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match="no control groups are mounted"):
        opened(system(tmp_path, "", ""))
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "none")
