from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from stages.machine import (
    environment_row,
    memory_left_bytes,
    usable_cores,
    usable_memory_bytes,
)
from stages.tables import ENVIRONMENT

GIB = 2**30
V2 = "35 24 0:30 {root} {at} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "36 24 0:31 {root} {at} rw,nosuid shared:9 - cgroup cgroup rw,{controllers}\n"


class Fake:
    """A root folder with control groups."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mounts = ""
        self.write("proc/self/mountinfo", "22 27 0:21 / /proc rw - proc proc rw\n")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def mount(self, line: str) -> None:
        self.mounts += line
        self.write("proc/self/mountinfo", self.mounts)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    if sys.platform == "linux":
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    else:
        monkeypatch.setattr(psutil, "cpu_count", lambda: 8)
    monkeypatch.setattr(psutil, "virtual_memory", type("Memory", (), {"total": 64 * GIB}))
    return Fake(tmp_path)


def test_without_groups_the_machine_is_the_limit(fake: Fake) -> None:
    assert usable_cores(fake.root) == 8
    assert usable_memory_bytes(fake.root) == 64 * GIB


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", 8), ("350000 100000", 3), ("50000 100000", 1), ("1600000 100000", 8)],
)
def test_quota_of_version_2_is_rounded_down(fake: Fake, quota: str, cores: int) -> None:
    fake.mount(V2.format(root="/", at="/sys/fs/cgroup"))
    fake.write("proc/self/cgroup", "0::/\n")
    fake.write("sys/fs/cgroup/cpu.max", quota + "\n")
    assert usable_cores(fake.root) == cores


def test_an_ancestor_limits_too(fake: Fake) -> None:
    fake.mount(V2.format(root="/", at="/sys/fs/cgroup"))
    fake.write("proc/self/cgroup", "0::/user.slice/a..b/run.scope\n")
    fake.write("sys/fs/cgroup/user.slice/a..b/run.scope/cpu.max", "600000 100000\n")
    fake.write("sys/fs/cgroup/user.slice/cpu.max", "200000 100000\n")
    fake.write("sys/fs/cgroup/user.slice/a..b/memory.max", f"{4 * GIB}\n")
    fake.write("sys/fs/cgroup/user.slice/memory.max", "max\n")
    fake.write("sys/fs/cgroup/beside/cpu.max", "100000 100000\n")
    assert usable_cores(fake.root) == 2
    assert usable_memory_bytes(fake.root) == 4 * GIB


def test_version_1_in_a_container_whose_group_is_the_mount(fake: Fake) -> None:
    fake.mount(V1.format(root="/docker/abc", at="/sys/fs/cgroup/cpu", controllers="cpu,cpuacct"))
    fake.mount(V1.format(root="/docker/abc", at="/sys/fs/cgroup/memory", controllers="memory"))
    fake.write("proc/self/cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n")
    fake.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n")
    fake.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    fake.write("sys/fs/cgroup/memory/memory.limit_in_bytes", f"{2 * GIB}\n")
    assert usable_cores(fake.root) == 4
    assert usable_memory_bytes(fake.root) == 2 * GIB


def test_no_limit_of_version_1(fake: Fake) -> None:
    fake.mount(V1.format(root="/", at="/cg\\040x", controllers="cpu,memory"))
    fake.write("proc/self/cgroup", "3:cpu,memory:/job\n")
    fake.write("cg x/job/cpu.cfs_quota_us", "-1\n")
    fake.write("cg x/job/cpu.cfs_period_us", "100000\n")
    fake.write("cg x/job/memory.limit_in_bytes", "9223372036854771712\n")
    assert usable_cores(fake.root) == 8
    assert usable_memory_bytes(fake.root) == 64 * GIB
    fake.write("cg x/job/cpu.cfs_quota_us", "200000\n")
    assert usable_cores(fake.root) == 2  # the mount's name is read, blank and all


def test_a_path_that_leads_outside_is_not_followed(fake: Fake) -> None:
    fake.mount(V2.format(root="/", at="/sys/fs/cgroup"))
    fake.write("proc/self/cgroup", "0::/../../elsewhere\n")
    fake.write("sys/elsewhere/cpu.max", "100000 100000\n")
    fake.write("sys/fs/cgroup/cpu.max", "500000 100000\n")
    assert usable_cores(fake.root) == 5


def test_what_is_left_of_a_limit_of_version_2(fake: Fake) -> None:
    fake.mount(V2.format(root="/", at="/sys/fs/cgroup"))
    fake.write("proc/self/cgroup", "0::/a/b\n")
    fake.write("sys/fs/cgroup/a/b/memory.max", "max\n")
    fake.write("sys/fs/cgroup/a/b/memory.current", f"{GIB}\n")
    assert memory_left_bytes(fake.root) == 64 * GIB
    fake.write("sys/fs/cgroup/a/memory.max", f"{8 * GIB}\n")
    fake.write("sys/fs/cgroup/a/memory.current", f"{5 * GIB}\n")
    assert memory_left_bytes(fake.root) == 3 * GIB
    # pages of files that nobody uses are given back before anything fails
    stat = f"anon 1\nactive_file {GIB // 2}\ninactive_file {2 * GIB}\nslab 3\n"
    fake.write("sys/fs/cgroup/a/memory.stat", stat)
    assert memory_left_bytes(fake.root) == 5 * GIB
    fake.write("sys/fs/cgroup/a/memory.current", f"{11 * GIB}\n")
    assert memory_left_bytes(fake.root) == 0  # never less than none


def test_what_is_left_of_a_limit_of_version_1(fake: Fake) -> None:
    fake.mount(V1.format(root="/docker/abc", at="/sys/fs/cgroup/memory", controllers="memory"))
    fake.write("proc/self/cgroup", "4:memory:/docker/abc\n")
    fake.write("sys/fs/cgroup/memory/memory.limit_in_bytes", f"{4 * GIB}\n")
    fake.write("sys/fs/cgroup/memory/memory.usage_in_bytes", f"{3 * GIB}\n")
    fake.write("sys/fs/cgroup/memory/memory.stat", f"cache 1\ntotal_inactive_file {GIB}\n")
    assert memory_left_bytes(fake.root) == 2 * GIB


def test_without_a_limit_all_of_the_machine_is_left(fake: Fake) -> None:
    assert memory_left_bytes(fake.root) == 64 * GIB
    fake.mount(V1.format(root="/", at="/cg", controllers="memory"))
    fake.write("proc/self/cgroup", "4:memory:/\n")
    fake.write("cg/memory.limit_in_bytes", "9223372036854771712\n")
    fake.write("cg/memory.usage_in_bytes", f"{3 * GIB}\n")
    assert memory_left_bytes(fake.root) == 64 * GIB


def test_environment_row_has_the_columns_of_its_table() -> None:
    row = environment_row("session")
    assert set(row) == {column.name for column in ENVIRONMENT}
    assert row["session_id"] == "session"
    assert 1 <= row["cores_usable"] <= row["cores_logical"]
    assert 0 < row["memory_bytes"] <= psutil.virtual_memory().total
    assert bool(row["gpus"]) == (row["gpu_reason"] is None)
    assert row["system"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's files")
def test_containers_are_recognised(fake: Fake) -> None:
    fake.write("proc/self/cgroup", "0::/user.slice\n")
    assert environment_row("s", fake.root)["container"] is False
    fake.write("proc/self/cgroup", "0::/kubepods/burstable/pod1\n")
    assert environment_row("s", fake.root)["container"] is True


def test_processor_name_is_the_first_cores(fake: Fake) -> None:
    text = "processor\t: 0\nmodel name\t: Fast 9000 @ 5 GHz \nmodel name\t: Other\n"
    fake.write("proc/cpuinfo", text)
    assert environment_row("s", fake.root)["cpu"] == "Fast 9000 @ 5 GHz"
