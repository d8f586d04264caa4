from __future__ import annotations

import sys
from types import SimpleNamespace

import psutil
import pytest

from stages.trace.lanes import disk, network, system
from stages.trace.lanes.lane import LaneMissing
from stages.trace.lanes.portable import (
    PortableDisk,
    PortableNetwork,
    PortableSystem,
    kernel_s,
    user_s,
)

Patch = pytest.MonkeyPatch


def test_system_of_macos(monkeypatch: Patch) -> None:
    cpu = SimpleNamespace(user=10.5, nice=0.5, system=3.0, idle=100.0)
    memory = SimpleNamespace(total=16, available=6)
    monkeypatch.setattr(psutil, "cpu_times", lambda: cpu)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(psutil, "swap_memory", lambda: SimpleNamespace(used=2, sin=8, sout=7))
    monkeypatch.setattr(psutil, "cpu_stats", lambda: SimpleNamespace(ctx_switches=9))
    lane = PortableSystem()
    lane.open()
    (row,) = lane.read(5)
    assert dict(zip(system.COLUMNS, row, strict=True)) == {
        "t_ns": 5,
        "cpu_user_ns": 11 * 10**9,
        "cpu_system_ns": 3 * 10**9,
        "cpu_idle_ns": 100 * 10**9,
        "cpu_iowait_ns": None,
        "cpu_steal_ns": None,
        "memory_total_bytes": 16,
        "memory_available_bytes": 6,
        "swap_used_bytes": 2,
        "minor_faults": None,
        "major_faults": None,
        "swapped_in_bytes": None,  # psutil's figures hold more than swapping
        "swapped_out_bytes": None,
        "context_switches": 9,
    }


def test_time_in_the_kernel_on_windows_holds_interrupts_already(monkeypatch: Patch) -> None:
    cpu = SimpleNamespace(user=1.0, system=3.0, idle=9.0, interrupt=0.5, dpc=0.25)
    assert kernel_s(cpu) == 3.25
    monkeypatch.setattr(sys, "platform", "win32")
    assert kernel_s(cpu) == 3.0
    assert user_s(cpu) == 1.0


def test_disks_of_macos(monkeypatch: Patch) -> None:
    counters = SimpleNamespace(read_bytes=1, write_bytes=2, read_count=3, write_count=4)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: {"disk0": counters})
    lane = PortableDisk()
    lane.open()
    assert lane.read(5) == [(5, "disk0", 1, 2, 3, 4, None, None)]
    assert len(disk.COLUMNS) == 8


def test_windows_without_counters_says_what_to_do(monkeypatch: Patch) -> None:
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: {})
    with pytest.raises(LaneMissing, match="diskperf -y"):
        PortableDisk().open()


def test_interfaces_of_macos(monkeypatch: Patch) -> None:
    counters = SimpleNamespace(bytes_recv=1, bytes_sent=2)
    addresses = {
        "lo0": [SimpleNamespace(address="127.0.0.1"), SimpleNamespace(address="fe80::1%lo0")],
        "en0": [SimpleNamespace(address="aa:bb:cc:dd:ee:ff"), SimpleNamespace(address="10.0.0.2")],
    }
    names = ("lo0", "en0", "gone")
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: dict.fromkeys(names, counters))
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: addresses)
    lane = PortableNetwork()
    lane.open()
    assert lane.read(5) == [
        (5, "lo0", True, 1, 2),
        (5, "en0", False, 1, 2),
        (5, "gone", None, 1, 2),
    ]
    assert len(network.COLUMNS) == 5
