from __future__ import annotations

import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from stages.trace.lanes import disk, network, system
from stages.trace.lanes.lane import LaneMissing
from stages.trace.lanes.portable import (
    PortableDisk,
    PortableNetwork,
    PortableProcess,
    PortableProcesses,
    PortableSystem,
)

Patch = pytest.MonkeyPatch


def test_system_of_macos(monkeypatch: Patch) -> None:
    cpu = SimpleNamespace(user=10.5, nice=0.5, system=3.0, idle=100.0)
    memory = SimpleNamespace(total=16, available=6)
    monkeypatch.setattr(psutil, "cpu_times", lambda: cpu)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(psutil, "swap_memory", lambda: SimpleNamespace(used=2))
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
        "context_switches": 9,
    }


def test_disks_of_macos(monkeypatch: Patch) -> None:
    counters = SimpleNamespace(read_bytes=1, write_bytes=2, read_count=3, write_count=4)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: {"disk0": counters})
    lane = PortableDisk()
    lane.open()
    assert lane.read(5) == [(5, "disk0", 1, 2, 3, 4, None)]
    assert len(disk.COLUMNS) == 7


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


def test_a_process_and_its_end() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    process = PortableProcess(child.pid)
    assert process.parent == os.getpid()
    assert process.created_ns > 0
    reading = process.read(process.clock_ns())
    assert reading.cpu_ns is not None
    assert reading.rss_bytes is not None
    assert reading.rss_bytes > 1_000_000
    assert reading.threads == 1
    assert list(PortableProcesses().descendants([os.getpid()])).count(child.pid) == 1
    assert child.pid not in PortableProcesses().descendants([os.getpid(), child.pid])
    child.communicate(b"\n")
    with pytest.raises(ProcessLookupError):
        process.read(None)
    with pytest.raises(ProcessLookupError):
        PortableProcess(child.pid)
    process.close()


def test_command_lines_and_parents() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "input()", "a mark"], stdin=subprocess.PIPE, text=True
    )
    processes = PortableProcesses()
    assert {os.getpid(), child.pid} <= processes.pids()
    # between its start and its own command line it is a copy of this process
    assert any("a mark" in processes.words(child.pid) for _ in range(1000))
    assert processes.parent(child.pid) == os.getpid()
    child.communicate("\n")
    assert processes.parent(child.pid) is None
    with pytest.raises(ProcessLookupError):
        processes.words(child.pid)


def test_a_command_line_that_may_not_be_read_is_an_error_that_the_lane_knows(
    monkeypatch: Patch,
) -> None:
    def denied(_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "cmdline", denied)
    with pytest.raises(ProcessLookupError):
        PortableProcesses().words(os.getpid())


def test_a_reused_number_is_not_answered_for(monkeypatch: Patch) -> None:
    process = PortableProcess(os.getpid())
    monkeypatch.setattr(psutil.Process, "is_running", lambda _: False)
    with pytest.raises(ProcessLookupError):
        process.read(None)


def test_what_is_denied_later_is_null(monkeypatch: Patch) -> None:
    process = PortableProcess(os.getpid())

    def denied(_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "num_threads", denied)
    assert set(process.read(None)) == {None}


def test_a_process_that_cannot_be_seen_at_all(monkeypatch: Patch) -> None:
    def denied(_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "cpu_times", denied)
    with pytest.raises(PermissionError, match="shows nothing of process"):
        PortableProcesses().open(os.getpid())


def test_a_system_without_bytes_by_process_says_so(monkeypatch: Patch) -> None:
    if hasattr(psutil.Process, "io_counters"):
        monkeypatch.delattr(psutil.Process, "io_counters")
    process = PortableProcess(os.getpid())
    assert "doesn't count them" in (process.denied or "")
    reading = process.read(None)
    assert reading.read_bytes is reading.written_chars is None
    assert reading.cpu_ns


def test_sockets_beyond_loopback() -> None:
    me, processes = os.getpid(), PortableProcesses()
    before = processes.remote_sockets([me])[me]
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        assert processes.remote_sockets([me])[me] == before
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beyond:
        try:
            beyond.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no way beyond loopback")
        assert processes.remote_sockets([me])[me] == before + 1
