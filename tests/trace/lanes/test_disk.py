from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages.trace.lanes.disk import DiskLane
from stages.trace.lanes.lane import LaneMissing, rows_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

#         reads merged sectors ms writes merged sectors ms in_flight busy weighted discards…
FIGURES = "3 0 16 5 4 0 32 6 0 250 11 1 2 3 4 5 6"
VIRTUAL, PCI = "devices/virtual/block", "devices/pci0000:00/0000:00:02.0/nvme"


def root_with(tmp_path: Path, devices: dict[str, str], listed: list[str]) -> Path:
    blocks = tmp_path / "sys/block"
    blocks.mkdir(parents=True)
    for name, place in devices.items():
        (tmp_path / "sys" / place / name).mkdir(parents=True)
        (blocks / name).symlink_to(f"../{place}/{name}")
    (tmp_path / "proc").mkdir()
    lines = [f" 259 {at} {name} {FIGURES}\n" for at, name in enumerate(listed)]
    (tmp_path / "proc/diskstats").write_text("".join(lines))
    return tmp_path


def test_whole_disks_alone(tmp_path: Path) -> None:
    devices = dict.fromkeys(["loop0", "ram0", "zram0", "dm-0", "md127"], VIRTUAL)
    devices |= dict.fromkeys(["nvme0n1", "sda", "cciss!c0d0"], PCI)
    # With several paths to it, an NVMe disk is virtual too, but not a virtual block device.
    devices["nvme1n1"] = "devices/virtual/nvme-subsystem/nvme-subsys1"
    listed = [*devices, "nvme0n1p1", "sda1", "sda12", "nvme1n1p3"]
    listed[listed.index("cciss!c0d0")] = "cciss/c0d0"
    lane = DiskLane(root_with(tmp_path, devices, listed))
    lane.open()
    rows = rows_of(lane.read(5))
    lane.close()
    assert [row[1] for row in rows] == ["nvme0n1", "sda", "cciss/c0d0", "nvme1n1"]
    assert rows[0] == (5, "nvme0n1", 16 * 512, 32 * 512, 3, 4, 250_000_000, 11_000_000)


def test_no_disk_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match="no disk with hardware"):
        DiskLane(root_with(tmp_path, {"loop0": VIRTUAL}, ["loop0"])).open()


def test_no_list_of_disks_is_said(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match="sys/block is missing"):
        DiskLane(tmp_path).open()


def test_a_disk_of_which_little_is_told_is_left_out(tmp_path: Path) -> None:
    root = root_with(tmp_path, dict.fromkeys(["sda", "sdb", "sdc"], PCI), ["sda"])
    with (root / "proc/diskstats").open("a") as stats:
        stats.write("   8      16 sdb 5 6 7 8\n   8      32 sdc\n")
    lane = DiskLane(root)
    lane.open()
    assert [row[1] for row in rows_of(lane.read(5))] == ["sda"]
    lane.close()


def test_a_name_that_became_free_is_looked_at_again(tmp_path: Path) -> None:
    root = root_with(tmp_path, {"sda": PCI, "sdb": VIRTUAL}, ["sda", "sdb"])
    lane = DiskLane(root)
    lane.open()
    stats = root / "proc/diskstats"
    stats.write_text(f"   8       0 sda {FIGURES}\n")
    assert [row[1] for row in rows_of(lane.read(5))] == ["sda"]
    (root / "sys/block/sdb").unlink()
    (root / "sys" / PCI / "sdb").mkdir()
    (root / "sys/block/sdb").symlink_to(f"../{PCI}/sdb")
    stats.write_text("".join(f"   8       0 {name} {FIGURES}\n" for name in ("sda", "sdb")))
    assert [row[1] for row in rows_of(lane.read(6))] == ["sda", "sdb"]
    lane.close()
