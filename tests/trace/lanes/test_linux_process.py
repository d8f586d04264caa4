from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

from stages.trace.lanes.linux_process import (  # noqa: E402
    LinuxProcess,
    LinuxProcesses,
    cpu_clock,
    parse_stat,
)

JIFFY = 10**9 // os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def stat(pid: int, name: bytes = b"python", parent: int = 1, state: str = "S") -> bytes:
    fields = f"{state} {parent} 7 7 0 -1 4194560 11 12 13 14 150 16 17 18 20 0 5 0 4242 99999 77 18"
    return str(pid).encode() + b" (" + name + b") " + fields.encode() + b" 1 2 3\n"


def no_clock(pid: int) -> int:
    raise OSError("no such clock")


class Proc:
    """A fake /proc."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, pid: int, parent: int = 1, name: bytes = b"python", state: str = "S") -> None:
        home = self.root / str(pid)
        (home / "task").mkdir(parents=True, exist_ok=True)
        (home / "stat").write_bytes(stat(pid, name, parent, state))
        (home / "io").write_text(
            "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\n"
            "read_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 7\n"
        )

    def switches(self, pid: int, **threads: tuple[int, int]) -> None:
        for task in (self.root / str(pid) / "task").iterdir():
            (task / "status").unlink()
            task.rmdir()
        for thread, (voluntary, involuntary) in threads.items():
            home = self.root / str(pid) / "task" / thread
            home.mkdir()
            (home / "status").write_text(
                f"Name:\tx\nvoluntary_ctxt_switches:\t{voluntary}\n"
                f"nonvoluntary_ctxt_switches:\t{involuntary}\n"
            )


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path)


@given(name=st.binary(max_size=15))
def test_any_process_name(name: bytes) -> None:
    parsed = parse_stat(stat(42, name, parent=9))
    assert (parsed.state, parsed.parent, parsed.cpu_ticks, parsed.start_ticks) == (
        b"S",
        9,
        166,
        4242,
    )


@pytest.mark.parametrize("name", [b"a b", b"a) R 1 2 3", b"((", b"))", b") (", b"", b"a\nb"])
def test_names_that_look_like_fields(name: bytes) -> None:
    parsed = parse_stat(stat(42, name))
    assert (parsed.parent, parsed.threads, parsed.rss_pages) == (1, 5, 77)
    assert (parsed.minor_faults, parsed.major_faults) == (11, 13)


def test_an_empty_line_is_an_ended_process() -> None:
    with pytest.raises(ProcessLookupError):
        parse_stat(b"")


def test_a_reading(proc: Proc) -> None:
    proc.add(42, parent=9, name=b"ollama (x) y")
    process = LinuxProcess(42, proc.root, lambda pid: 123_456_789 + pid)
    assert (process.created_ns, process.parent, process.denied) == (4242 * JIFFY, 9, None)
    reading = process.read(process.clock_ns())
    assert reading == (123_456_831, 77 * PAGE, 5, 6, 1, 2, 11, 13, 5)
    process.close()


def test_without_a_clock_cpu_time_is_in_jiffies(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    assert process.read(process.clock_ns()).cpu_ns == 166 * JIFFY
    process.close()


def test_what_is_not_there_is_null_and_said(proc: Proc) -> None:
    proc.add(42)
    (proc.root / "42/io").unlink()
    process = LinuxProcess(42, proc.root, no_clock)
    reading = process.read(None)
    assert reading[2:6] == (None,) * 4
    assert reading.rss_bytes == 77 * PAGE
    assert "42/io: No such file" in (process.denied or "")
    process.close()


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_zombie_has_ended(proc: Proc, state: str) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    proc.add(42, state=state)
    with pytest.raises(ProcessLookupError):
        process.read(None)
    process.close()


def test_switches_of_all_threads_never_fall(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    proc.switches(42, **{"42": (10, 1), "43": (20, 2)})
    assert process.switches() == (30, 3)
    proc.switches(42, **{"42": (11, 1)})  # 43 has ended: its last count stays
    assert process.switches() == (31, 3)
    proc.switches(42, **{"42": (11, 1), "43": (4, 0)})  # another thread with its number
    assert process.switches() == (35, 3)
    proc.switches(42, **{"42": (11, 1), "43": (1, 0)})  # and one more
    assert process.switches() == (36, 3)
    process.close()


def test_descendants(proc: Proc) -> None:
    for pid, parent in ((10, 1), (12, 10), (11, 12), (20, 1), (21, 20)):
        proc.add(pid, parent)
    (proc.root / "self").mkdir()
    (proc.root / "13").mkdir()  # it ended between listing and looking
    processes = LinuxProcesses(proc.root, no_clock)
    assert processes.descendants({10}) == [12, 11]  # parents first
    assert processes.descendants({10, 12, 11}) == []
    proc.add(14, 11)
    assert processes.descendants({10, 12, 11}) == [14]
    assert processes.descendants({10, 12, 11, 14, 20}) == [21]


def test_command_lines_and_parents(proc: Proc) -> None:
    proc.add(42, parent=9)
    (proc.root / "42/cmdline").write_bytes(b"ollama\0runner\0--model\0/m/sha256-\xff\0")
    (proc.root / "self").mkdir()
    processes = LinuxProcesses(proc.root, no_clock)
    assert processes.pids() == {42}
    assert processes.words(42) == "ollama runner --model /m/sha256-\ufffd "
    assert processes.parent(42) == 9
    assert processes.parent(43) is None
    with pytest.raises(FileNotFoundError):
        processes.words(43)


def test_this_process() -> None:
    process = LinuxProcess(os.getpid(), Path("/proc"))
    before = process.read(process.clock_ns())
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    with Path("/dev/null").open("wb", buffering=0) as sink:
        sink.write(bytes(12345))
    after = process.read(process.clock_ns())
    assert before.cpu_ns is not None
    assert after.cpu_ns is not None
    assert 45e6 <= after.cpu_ns - before.cpu_ns <= time.process_time() * 1e9
    assert after.written_chars == (before.written_chars or 0) + 12345
    hold = threading.Event()
    thread = threading.Thread(target=hold.wait)
    thread.start()
    assert process.read(None).threads == (after.threads or 0) + 1
    hold.set()
    thread.join()
    assert (process.switches() or (0, 0))[0] > 0
    process.close()


def test_an_ended_process_is_not_read() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = LinuxProcess(child.pid, Path("/proc"))
    before = process.read(process.clock_ns()).cpu_ns
    assert before is not None
    assert before <= cpu_clock(child.pid)
    child.communicate(b"\n")
    assert process.clock_ns() is None
    with pytest.raises(ProcessLookupError):
        process.read(None)
    process.close()
    with pytest.raises(FileNotFoundError):
        LinuxProcess(child.pid, Path("/proc"))
