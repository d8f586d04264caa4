from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages.trace.lanes.control_groups import UNIFIED, ControlGroups, KeptFiles
from stages.trace.lanes.lane import LaneMissing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's control groups")

V2 = "30 20 0:26 {} {} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
V1 = "31 20 0:27 {} {} rw,nosuid - cgroup cgroup rw,{}\n"


def system(root: Path, mounts: str, folders: list[str], **groups: str) -> ControlGroups:
    """``groups`` are the texts of /proc/PID/cgroup: of ``self``, and of numbers after a ``p``."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(f"22 20 0:5 / /dev rw - tmpfs udev rw\n{mounts}")
    for folder in folders:
        (root / folder).mkdir(parents=True)
    for process, text in groups.items():
        (root / "proc" / process.removeprefix("p")).mkdir(exist_ok=True)
        (root / "proc" / process.removeprefix("p") / "cgroup").write_text(text)
    found = ControlGroups({UNIFIED, "cpu", "memory"}, root)
    found.open()
    return found


def paths(root: Path, found: ControlGroups, *pids: int) -> dict[tuple[str, str], list[str]]:
    """Folders below ``root`` by controller and path."""
    return {
        (group.controller, group.path): [
            str(Path(folder).relative_to(root)) for folder in group.folders
        ]
        for group in found.of(pids)
    }


def test_version_2_with_the_ancestors(tmp_path: Path) -> None:
    found = system(tmp_path, V2.format("/", "/cg"), ["cg/a/b"], self="0::/a/b\n", p7="0::/\n")
    assert paths(tmp_path, found, 7, 8) == {
        ("", "/a/b"): ["cg/a/b", "cg/a", "cg"],
        ("", "/"): ["cg"],
    }


def test_both_versions_at_once(tmp_path: Path) -> None:
    mounts = V2.format("/", "/cg/unified") + V1.format("/", "/cg/cpu", "cpu,cpuacct")
    mounts += V1.format("/", "/cg/memory", "memory") + V1.format("/", "/cg/pids", "pids")
    own = "9:pids:/p\n4:memory:/m/n\n1:cpu,cpuacct:/\n2:name=systemd:/s\n0::/u\n"
    folders = ["cg/memory/m/n", "cg/cpu", "cg/unified/u", "cg/pids/p"]
    assert paths(tmp_path, system(tmp_path, mounts, folders, self=own)) == {
        ("memory", "/m/n"): ["cg/memory/m/n", "cg/memory/m", "cg/memory"],
        ("cpu", "/"): ["cg/cpu"],
        ("", "/u"): ["cg/unified/u", "cg/unified"],
    }


@pytest.mark.parametrize("path", ["/docker/x", "/../other", "/gone/y"])
def test_a_path_that_leads_nowhere_is_the_root_of_what_is_mounted(
    tmp_path: Path, path: str
) -> None:
    found = system(tmp_path, V2.format("/", "/cg"), ["cg", "other"], self=f"0::{path}\n")
    assert paths(tmp_path, found) == {("", path): ["cg"]}


def test_a_mount_that_shows_a_part_of_the_tree(tmp_path: Path) -> None:
    mounts = V1.format("/docker/x", "/cg/a\\040b", "memory")
    found = system(tmp_path, mounts, ["cg/a b/in"], self="4:memory:/docker/x/in\n")
    assert paths(tmp_path, found) == {("memory", "/docker/x/in"): ["cg/a b/in", "cg/a b"]}


def test_of_two_mounts_the_one_that_shows_the_group(tmp_path: Path) -> None:
    mounts = V2.format("/sub", "/part") + V2.format("/", "/whole")
    found = system(tmp_path, mounts, ["part", "whole/a"], self="0::/a\n")
    assert paths(tmp_path, found) == {("", "/a"): ["whole/a", "whole"]}


def test_what_can_not_be_read_or_is_gone_is_left_out(tmp_path: Path) -> None:
    texts = {"p7": "garbage\n\n0\n", "p8": "0::/a (deleted)\n", "p9": ""}
    found = system(tmp_path, V2.format("/", "/cg"), ["cg"], self="0::/\n", **texts)
    assert paths(tmp_path, found, 7, 8, 9, 10) == {("", "/"): ["cg"]}


def test_none_mounted_is_said(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match="no control groups are mounted"):
        system(tmp_path, V1.format("/", "/cg/pids", "pids") + "garbage - x\n", [])


def test_kept_files_follow_what_is_asked_for(tmp_path: Path) -> None:
    path, files = tmp_path / "cpu.max", KeptFiles()
    assert files.read(str(path)) == b""  # not there yet
    path.write_text("1")
    assert files.read(str(path)) == b"1"
    path.write_text("2")
    assert files.read(str(path)) == b"2"
    files.sweep()
    path.unlink()
    path.write_text("3")
    assert files.read(str(path)) == b"2"  # the one that is open
    files.sweep()
    files.sweep()  # not asked for in between: closed
    assert files.read(str(path)) == b"3"
    files.close()
