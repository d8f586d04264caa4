from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

from stages.trace.lanes import linux_process, linux_processes  # noqa: E402
from stages.trace.lanes.linux_process import (  # noqa: E402
    LinuxProcess,
    cpu_clock,
    parse_stat,
)
from stages.trace.lanes.linux_processes import LinuxProcesses  # noqa: E402

JIFFY = 10**9 // os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def stat(
    pid: int, name: bytes = b"python", parent: int = 1, state: str = "S", threads: int = 5
) -> bytes:
    fields = (
        f"{state} {parent} 7 7 0 -1 4194560 11 12 13 14 150 16 17 18 20 0 {threads} 0 4242 99999 77"
    )
    return str(pid).encode() + b" (" + name + b") " + fields.encode() + b" 18 1 2 3\n"


def no_clock(pid: int) -> Callable[[], int]:
    def clock() -> int:
        raise OSError(f"process {pid} has no such clock")

    return clock


class Proc:
    """A fake /proc."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(
        self,
        pid: int,
        parent: int = 1,
        name: bytes = b"python",
        state: str = "S",
        threads: int = 5,
    ) -> None:
        home = self.root / str(pid)
        (home / "task").mkdir(parents=True, exist_ok=True)
        (home / "stat").write_bytes(stat(pid, name, parent, state, threads))
        (home / "statm").write_text("0 0 0 0 0 0 0\n" if state in "ZX" else "99 78 5 1 0 9 0\n")
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
    assert (parsed.parent, parsed.threads) == (1, 5)
    assert (parsed.minor_faults, parsed.major_faults) == (11, 13)


def test_an_empty_line_is_an_ended_process() -> None:
    with pytest.raises(ProcessLookupError):
        parse_stat(b"")


def test_a_reading(proc: Proc) -> None:
    proc.add(42, parent=9, name=b"ollama (x) y")
    process = LinuxProcess(42, proc.root, lambda pid: lambda: 123_456_789 + pid)
    assert (process.created_ns, process.parent, process.denied) == (4242 * JIFFY, 9, None)
    reading = process.read(process.clock_ns(), True)()
    assert reading == (123_456_831, 78 * PAGE, 5, 6, 1, 2, 11, 13, 5, 35 * JIFFY)
    process.close()


def test_without_a_clock_cpu_time_is_in_jiffies(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    assert process.read(process.clock_ns(), True)().cpu_ns == 166 * JIFFY
    process.close()


def test_what_is_not_there_is_null_and_said(proc: Proc) -> None:
    proc.add(42)
    (proc.root / "42/io").unlink()
    process = LinuxProcess(42, proc.root, no_clock)
    reading = process.read(None, True)()
    assert reading[2:6] == (None,) * 4
    assert reading.rss_bytes == 78 * PAGE
    assert "42/io: No such file" in (process.denied or "")
    process.close()


def test_a_zombie_is_read_a_last_time(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    proc.add(42, state="Z", threads=1)
    last, after = process.read(None, True), process.read(None, True)
    assert last().cpu_ns == 166 * JIFFY
    with pytest.raises(ProcessLookupError):
        after()
    process.close()


def test_one_that_is_being_removed_has_ended(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    proc.add(42, state="X", threads=1)
    with pytest.raises(ProcessLookupError):
        process.read(None, True)()
    process.close()


def test_a_first_thread_that_ended_before_the_others_ends_nothing(proc: Proc) -> None:
    proc.add(42, state="Z", threads=3)
    process = LinuxProcess(42, proc.root, no_clock)
    assert [process.read(None, True)().threads for _ in range(3)] == [3, 3, 3]
    process.close()


class Idle:
    """A process whose CPU clock stands, in a time that goes on when told to."""

    def __init__(self, proc: Proc, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.clock = 100.0, 7
        monkeypatch.setattr(linux_process, "time", SimpleNamespace(monotonic=lambda: self.now))
        proc.add(42, threads=1)
        self.process = LinuxProcess(42, proc.root, lambda _: lambda: self.clock)

    def read(self, in_full: bool = True) -> Callable[[], linux_process.Reading]:
        return self.process.read(self.process.clock_ns(), in_full)


@pytest.fixture
def idle(proc: Proc, monkeypatch: pytest.MonkeyPatch) -> Iterator[Idle]:
    idle = Idle(proc, monkeypatch)
    yield idle
    idle.process.close()


def test_a_process_that_did_nothing_is_read_in_full_once_a_second(proc: Proc, idle: Idle) -> None:
    assert idle.read()().threads == 1
    proc.add(42, threads=2)
    for idle.now in (100.05, 100.95):
        assert idle.read()().threads == 1
    idle.now = 101.1
    assert idle.read()().threads == 2


def test_a_process_that_did_something_is_read_in_full(proc: Proc, idle: Idle) -> None:
    assert idle.read()().threads == 1
    proc.add(42, threads=2)
    idle.clock = 8
    assert idle.read()()[::8] == (8, 2)


def test_the_rest_is_read_when_asked_for(proc: Proc, idle: Idle) -> None:
    whole = (7, 78 * PAGE, 5, 6, 1, 2, 11, 13, 1, 35 * JIFFY)
    assert idle.read(False)() == (7, *[None] * 9)
    assert idle.read(True)() == whole  # idle since, but not yet read in full
    assert idle.read(False)() == (7, *[None] * 9)  # with the others of its tick
    assert idle.read(True)() == whole
    proc.add(42, threads=2)
    idle.clock = 8
    assert idle.read(False)() == (8, *[None] * 9)
    assert idle.read(True)().threads == 2  # it ran since it was last read in full


def test_nothing_more_is_told_of_one_that_has_ended(proc: Proc, idle: Idle) -> None:
    assert idle.read(False)().threads is None
    proc.add(42, state="Z", threads=1)
    idle.clock = 8
    last, after = idle.read(True), idle.read(False)
    assert last().threads == 1
    with pytest.raises(ProcessLookupError):
        after()


def test_one_without_a_clock_is_read_in_full(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    assert process.read(None, False)().cpu_ns == 166 * JIFFY
    process.close()


def test_a_reading_is_of_its_tick_whenever_it_is_made(proc: Proc, idle: Idle) -> None:
    pending = [idle.read(), idle.read()]
    proc.add(42, threads=2)
    idle.clock = 8
    pending += [idle.read(), idle.read()]
    assert [reading().threads for reading in reversed(pending)] == [2, 2, 1, 1]


def test_an_idle_zombie_has_one_last_reading(proc: Proc, idle: Idle) -> None:
    proc.add(42, state="Z", threads=1)
    last, after = idle.read(), idle.read()
    assert last().cpu_ns == 7
    with pytest.raises(ProcessLookupError):
        after()


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


def test_other_lanes_have_files_left_however_many_processes_there_are(
    proc: Proc, monkeypatch: pytest.MonkeyPatch
) -> None:
    proc.add(42)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    limit = (free + linux_processes._FILES_OF_OTHERS, 10**6)
    monkeypatch.setattr(linux_processes.resource, "getrlimit", lambda _: limit)
    with pytest.raises(OSError, match="Too many open files"):
        LinuxProcesses(proc.root, no_clock).open(42)
    assert not Path(f"/proc/self/fd/{free}").exists()
    limit = (free + linux_processes._FILES_OF_OTHERS + 1, 10**6)
    LinuxProcesses(proc.root, no_clock).open(42).close()
    limit = (linux_processes.resource.RLIM_INFINITY, 10**6)
    LinuxProcesses(proc.root, no_clock).open(42).close()


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
    before = process.read(process.clock_ns(), True)()
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    with Path("/dev/null").open("wb", buffering=0) as sink:
        sink.write(bytes(12345))
    after = process.read(process.clock_ns(), True)()
    assert before.cpu_ns is not None
    assert after.cpu_ns is not None
    assert 45e6 <= after.cpu_ns - before.cpu_ns <= time.process_time() * 1e9
    assert after.written_chars == (before.written_chars or 0) + 12345
    hold = threading.Event()
    thread = threading.Thread(target=hold.wait)
    thread.start()
    assert process.read(None, True)().threads == (after.threads or 0) + 1
    hold.set()
    thread.join()
    assert (process.switches() or (0, 0))[0] > 0
    process.close()


def test_a_child_is_read_to_its_end() -> None:
    program = "import time; t = time.process_time\nwhile t() < 0.05: pass\ninput()"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    process = LinuxProcess(child.pid, Path("/proc"))
    before = process.read(process.clock_ns(), True)().cpu_ns
    assert before is not None
    assert before <= cpu_clock(child.pid)()
    assert child.stdin is not None
    child.stdin.close()
    until = time.monotonic() + 20
    while parse_stat(Path(f"/proc/{child.pid}/stat").read_bytes()).state != b"Z":
        assert time.monotonic() < until
    last = process.read(process.clock_ns(), True)()  # it isn't waited for yet
    assert (last.cpu_ns or 0) >= 50_000_000
    assert child.wait() == 1  # input() found nothing
    assert process.clock_ns() is None
    with pytest.raises(ProcessLookupError):
        process.read(None, True)
    process.close()
    with pytest.raises(FileNotFoundError):
        LinuxProcess(child.pid, Path("/proc"))


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the kernel has no PSS")
def test_pss_of_this_process() -> None:
    process = LinuxProcess(os.getpid(), Path("/proc"))
    reading = process.read(process.clock_ns(), True)()
    pss = process.pss_bytes()
    assert pss is not None
    assert 0 < pss <= (reading.rss_bytes or 0) + 10_000_000
    process.close()


def test_pss_that_cannot_be_read_is_null(proc: Proc) -> None:
    proc.add(42)
    process = LinuxProcess(42, proc.root, no_clock)
    assert process.pss_bytes() is None
    (proc.root / "42/smaps_rollup").write_text(
        "5500-7fff ---p 00000000 [rollup]\nRss: 9 kB\nPss: 3 kB\n"
    )
    assert process.pss_bytes() == 3072
    process.close()
