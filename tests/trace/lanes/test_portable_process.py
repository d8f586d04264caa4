from __future__ import annotations

import os
import socket
import subprocess
import sys

import psutil
import pytest

from stages.trace.lanes.portable_process import PortableProcess, PortableProcesses

Patch = pytest.MonkeyPatch


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
    reading = process.read(process.clock_ns(), True)()
    assert reading.cpu_ns is not None
    assert reading.rss_bytes is not None
    assert reading.rss_bytes > 1_000_000
    assert reading.threads == 1
    assert list(PortableProcesses().descendants([os.getpid()])).count(child.pid) == 1
    assert child.pid not in PortableProcesses().descendants([os.getpid(), child.pid])
    child.communicate(b"\n")
    with pytest.raises(ProcessLookupError):
        process.read(None, True)()
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
        process.read(None, True)()


def test_what_is_denied_later_is_null(monkeypatch: Patch) -> None:
    process = PortableProcess(os.getpid())

    def denied(_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "num_threads", denied)
    assert set(process.read(None, True)()) == {None}


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
    reading = process.read(None, True)()
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
