from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from stages.trace.lanes.lane import KeptFile, LaneMissing
from stages.trace.lanes.pressure import PressureLane
from tests.trace.notes import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

SOME = "some avg10=1.00 avg60=0.00 avg300=0.00 total={}\n"
FULL = "full avg10=0.00 avg60=0.00 avg300=0.00 total={}\n"


def machine(root: Path) -> Path:
    (root / "proc/pressure").mkdir(parents=True)
    (root / "proc/self").mkdir()
    (root / "proc/pressure/cpu").write_text(SOME.format(5) + FULL.format(0))
    (root / "proc/pressure/memory").write_text(SOME.format(6) + FULL.format(4))
    (root / "proc/pressure/io").write_text(SOME.format(7))
    return root


def with_groups(root: Path, **groups: str) -> Path:
    """Version 2, and processes in it: ``self`` and numbers with a ``p`` before them."""
    mount = f"30 20 0:26 / {root}/cgroup rw - cgroup2 cgroup2 rw\n"
    (root / "proc/self/mountinfo").write_text(mount.replace(str(root), ""))
    for process, path in groups.items():
        (root / "proc" / process.removeprefix("p")).mkdir(exist_ok=True)
        (root / "proc" / process.removeprefix("p") / "cgroup").write_text(f"0::{path}\n")
        folder = root / "cgroup" / path.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        if path != "/":
            (folder / "cgroup.type").write_text("domain\n")
        for resource in ("cpu", "memory", "io"):
            text = SOME.format(100) + FULL.format(50)
            (folder / f"{resource}.pressure").write_text(text)
    return root


def test_the_machine_and_the_groups_of_watched_processes(tmp_path: Path) -> None:
    notes = Notes()
    root = with_groups(machine(tmp_path), self="/", p7="/a.slice/b", p8="/a.slice/b")
    lane = PressureLane(notes, lambda: [7, 8, 9], root)
    lane.open()
    rows = lane.read(3)
    lane.close()
    assert rows == [
        (3, "machine", "cpu", 5000, None),  # its "full" is no measurement
        (3, "machine", "memory", 6000, 4000),
        (3, "machine", "io", 7000, None),
        (3, "/a.slice/b", "cpu", 100_000, 50_000),
        (3, "/a.slice/b", "memory", 100_000, 50_000),
        (3, "/a.slice/b", "io", 100_000, 50_000),
    ]
    assert not notes


def test_groups_that_come_and_go(tmp_path: Path) -> None:
    root = with_groups(machine(tmp_path), self="/", p7="/a", p8="/b")
    pids = [7]
    lane = PressureLane(Notes(), lambda: pids, root)
    lane.open()
    assert {row[1] for row in lane.read(1)} == {"machine", "/a"}
    pids[:] = [8]
    assert {row[1] for row in lane.read(2)} == {"machine", "/b"}
    lane.close()


def test_without_control_groups_it_is_the_machine_alone(tmp_path: Path) -> None:
    notes = Notes()
    lane = PressureLane(notes, lambda: [7], machine(tmp_path))
    lane.open()
    assert {row[1] for row in lane.read(1)} == {"machine"}
    lane.close()
    (note,) = notes
    assert note[:3] == ("lane_missing", "pressure", "control groups")


def test_a_kernel_without_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match=r"proc/pressure/cpu: No such file.*; boot .* psi=1"):
        PressureLane(Notes(), list, tmp_path).open()


def test_a_kernel_that_has_it_switched_off_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(_: KeptFile) -> bytes:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(KeptFile, "read", off)
    with pytest.raises(LaneMissing, match=r"pressure/cpu: Operation not supported; boot .* psi=1"):
        PressureLane(Notes(), list, machine(tmp_path)).open()


def test_a_resource_that_is_not_kept_leaves_the_others(tmp_path: Path) -> None:
    notes = Notes()
    root = with_groups(machine(tmp_path), self="/")
    (root / "proc/pressure/io").unlink()
    (root / "proc/pressure/memory").write_text("nonsense total=x\n")
    lane = PressureLane(notes, list, root)
    lane.open()
    assert [row[2] for row in lane.read(1)] == ["cpu"]
    lane.close()
    (note,) = notes
    assert note[:3] == ("lane_missing", "pressure", "io")
