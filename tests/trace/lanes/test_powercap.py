from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest

from stages.trace.lanes.lane import LaneMissing, rows_of
from stages.trace.lanes.powercap import PowercapLane
from tests.trace.notes import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

CLASS = "sys/class/powercap"
RANGE = 262143328850


def zone(root: Path, path: str, name: str, energy: str = "100", most: str = str(RANGE)) -> Path:
    folder = root / CLASS / path
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "energy_uj").write_text(f"{energy}\n")
    (folder / "max_energy_range_uj").write_text(f"{most}\n")
    return folder


def opened(root: Path, notes: Notes | None = None) -> PowercapLane:
    lane = PowercapLane(Notes() if notes is None else notes, root)
    lane.open()
    return lane


def energies(lane: PowercapLane) -> dict[str, int]:
    return {row[1]: row[4] for row in rows_of(lane.read(1))}


def test_zones_inside_one_another(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl/intel-rapl:0", "package-0", "7")
    zone(tmp_path, "intel-rapl/intel-rapl:0/intel-rapl:0:1", "dram", "8", "0")
    zone(tmp_path, "amd_energy:10", "socket", "9")
    lane = opened(tmp_path)
    rows = rows_of(lane.read(3))
    lane.close()
    assert rows == [
        (3, "amd_energy:10", "socket", None, 9, RANGE),
        (3, "intel-rapl:0", "package-0", None, 7, RANGE),
        (3, "intel-rapl:0:1", "dram", "intel-rapl:0", 8, None),
    ]


def test_zones_linked_side_by_side_as_the_kernel_does(tmp_path: Path) -> None:
    devices = tmp_path / "sys/devices/virtual/powercap/intel-rapl"
    zone(tmp_path, "intel-rapl:0/intel-rapl:0:0", "core")
    zone(tmp_path, "intel-rapl:1", "psys")
    (tmp_path / CLASS).rename(tmp_path / "moved")
    devices.parent.mkdir(parents=True)
    (tmp_path / "moved").rename(devices)
    for name, text in (("name", "package-0"), ("energy_uj", "5")):
        (devices / "intel-rapl:0" / name).write_text(text)
    (tmp_path / CLASS).mkdir()
    for place in ("", "/intel-rapl:0", "/intel-rapl:0/intel-rapl:0:0", "/intel-rapl:1"):
        link = tmp_path / CLASS / (place.rpartition("/")[2] or "intel-rapl")
        link.symlink_to(f"../../devices/virtual/powercap/intel-rapl{place}")
        (devices / place.lstrip("/") / "subsystem").symlink_to(tmp_path / CLASS)
    lane = opened(tmp_path)
    assert energies(lane) == {"intel-rapl:0": 5, "intel-rapl:0:0": 100, "intel-rapl:1": 100}
    lane.close()


def test_a_counter_is_handed_on_raw_where_it_wraps(tmp_path: Path) -> None:
    folder = zone(tmp_path, "intel-rapl:0", "package-0", str(RANGE - 1))
    lane = opened(tmp_path)
    assert energies(lane) == {"intel-rapl:0": RANGE - 1}
    (folder / "energy_uj").write_text("4\n")
    assert energies(lane) == {"intel-rapl:0": 4}
    lane.close()


def test_the_same_counter_a_second_time_is_left_out(tmp_path: Path) -> None:
    for package in (0, 1):
        zone(tmp_path, f"intel-rapl:{package}", f"package-{package}")
        zone(tmp_path, f"intel-rapl:{package}/intel-rapl:{package}:0", "core")
    zone(tmp_path, "intel-rapl-mmio:0", "package-0")
    zone(tmp_path, "intel-rapl-mmio:0/intel-rapl-mmio:0:0", "dram")  # of which there is no other
    lane = opened(tmp_path)
    assert [name for name in energies(lane) if "mmio" in name] == ["intel-rapl-mmio:0:0"]
    lane.close()


def test_the_second_way_is_taken_where_it_is_the_only_one(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl-mmio:0", "package-0")
    lane = opened(tmp_path)
    assert energies(lane) == {"intel-rapl-mmio:0": 100}
    lane.close()


def test_a_zone_that_vanishes_leaves_the_others(tmp_path: Path) -> None:
    notes = Notes()
    first = zone(tmp_path, "intel-rapl:0", "package-0")
    second = zone(tmp_path, "intel-rapl:1", "package-1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    lane = opened(tmp_path, notes)
    assert energies(lane).keys() == {"intel-rapl:0", "intel-rapl:1"}
    shutil.rmtree(second)
    assert energies(lane).keys() == energies(lane).keys() == {"intel-rapl:0"}
    (note,) = notes
    assert note[:3] == ("lane_missing", "powercap", "intel-rapl:1")
    assert "No such file" in str(note.detail)
    shutil.rmtree(first)
    with pytest.raises(LaneMissing, match="no energy counter is left"):
        lane.read(2)
    lane.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_counter_whose_file_is_replaced_is_read_on(tmp_path: Path) -> None:
    notes = Notes()
    folder = zone(tmp_path, "intel-rapl:0", "package-0", "1")
    lane = opened(tmp_path, notes)
    for energy in (1, 2, 3):
        (folder / "new").write_text(f"{energy}\n")
        (folder / "new").replace(folder / "energy_uj")
        lane.read(1)
        assert energies(lane) == {"intel-rapl:0": energy}
    lane.close()
    assert not notes


def test_a_zone_that_loses_its_permission_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes()
    zone(tmp_path, "intel-rapl:0", "package-0", "11")
    zone(tmp_path, "intel-rapl:1", "package-1", "22")
    lane = opened(tmp_path, notes)
    pread = os.pread

    def denied(fd: int, size: int, offset: int) -> bytes:
        text = pread(fd, size, offset)
        if text == b"11\n":
            raise PermissionError(errno.EACCES, "Permission denied")
        return text

    monkeypatch.setattr(os, "pread", denied)
    assert energies(lane) == energies(lane) == {"intel-rapl:1": 22}
    lane.close()
    (note,) = notes
    assert note.subject == "intel-rapl:0"
    assert "; run as root, or" in str(note.detail)


@pytest.mark.parametrize("text", ["", "-5\n", "lots\n", "9" * 30])
def test_what_is_no_energy_is_left_out_and_told_once(tmp_path: Path, text: str) -> None:
    notes = Notes()
    folder = zone(tmp_path, "intel-rapl:0", "package-0")
    lane = opened(tmp_path, notes)
    (folder / "energy_uj").write_text(text)
    assert energies(lane) == energies(lane) == {}
    (folder / "energy_uj").write_text("101\n")
    assert energies(lane) == {"intel-rapl:0": 101}
    lane.close()
    assert [note.subject for note in notes] == ["intel-rapl:0"]


def test_what_limits_power_and_counts_nothing_is_no_zone(tmp_path: Path) -> None:
    notes = Notes()
    zone(tmp_path, "intel-rapl:0", "package-0")
    (tmp_path / CLASS / "dtpm:0").mkdir()
    lane = opened(tmp_path, notes)
    assert energies(lane).keys() == {"intel-rapl:0"}
    lane.close()
    assert not notes


def test_no_counters_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match=r"; on a processor .*modprobe intel_rapl_msr"):
        opened(tmp_path)


def test_counters_that_a_container_hides_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / CLASS).mkdir(parents=True)
    for name in ("intel-rapl", "intel-rapl:0"):
        (tmp_path / CLASS / name).symlink_to(f"../../devices/virtual/powercap/{name}")
    with pytest.raises(LaneMissing, match="hidden from this container; start it with"):
        opened(tmp_path)


def test_counters_for_root_alone_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone(tmp_path, "intel-rapl:0", "package-0")

    def denied(path: Path, flags: int) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", denied)
        lane = PowercapLane(Notes(), tmp_path)
        with pytest.raises(LaneMissing) as missing:
            lane.open()
    reason, _, remedy = str(missing.value).partition("; ")
    assert "intel-rapl:0/energy_uj: Permission denied" in reason
    assert "sudo chmod a+r" in remedy
    assert "PLATYPUS" in remedy
