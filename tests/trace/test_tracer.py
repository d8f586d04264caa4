"""The sampler for real: its rows of known processes, and every way in which it can end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest

from stages.errors import RunFailed
from stages.trace import tracer as module
from stages.trace.followed import Followed
from stages.trace.schema import TRACE_TABLES
from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer
from tests.trace.readings import rows, wait_for

HZ = 20
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
linux = pytest.mark.skipif(sys.platform != "linux", reason="a column that Linux alone gives")

# Starts a grandchild; when told to, writes WRITTEN bytes, keeps one core busy for BUSY_S of its
# CPU time, allocates and says that it is done; ends when told to.
WRITTEN, BUSY_S, MEMORY = 1_234_567, 0.8, 100_000_000
CHILD = f"""
import os, subprocess, sys, time
below = subprocess.Popen(
    [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
)
print(below.pid, flush=True)
sys.stdin.readline()
before = time.process_time()
with open(sys.argv[1], "wb", buffering=0) as sink:
    sink.write(bytes({WRITTEN}))
memory = b"x" * {MEMORY}
while time.process_time() < before + {BUSY_S}:
    pass
os.write(1, b"done\\n")
sys.stdin.readline()
below.communicate()
"""


def readings(scratch: Path, pid: int) -> list[int]:
    """When a process was read, as far as that is on the disk."""
    return [row["t_ns"] for row in rows(scratch, "trace_process") if row["pid"] == pid]


def traced(scratch: Path, pid: int) -> int:
    return len(readings(scratch, pid))


def ticks(scratch: Path) -> list[int]:
    return [row["t_ns"] for row in rows(scratch, "trace_system")]


def readings_stopped(scratch: Path, pid: int) -> bool:
    """Whether there were three ticks since it was read."""
    last = readings(scratch, pid)[-1]
    return sum(t_ns > last for t_ns in ticks(scratch)) > 3


def tables(scratch: Path) -> dict[str, pl.DataFrame]:
    to_parquet(scratch, scratch / "out")
    return {name: pl.read_parquet(scratch / "out" / f"{name}.parquet") for name in TRACE_TABLES}


def events(found: dict[str, pl.DataFrame], kind: str) -> list[dict[str, Any]]:
    return found["trace_events"].filter(kind=kind).to_dicts()


def noted(scratch: Path) -> list[dict[str, Any]]:
    return rows(scratch, "trace_events")


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One traced run of the child above: the tables, and what is known of it."""
    scratch = tmp_path_factory.mktemp("run")
    command = [sys.executable, "-c", CHILD, str(scratch / "sink")]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert child.stdin is not None
    assert child.stdout is not None
    below = int(child.stdout.readline())
    session = Session.begin()
    with Tracer(scratch, HZ, session) as tracer:
        tracer.watch(child.pid, "m", "engine")
        wait_for(lambda: traced(scratch, child.pid) > 0)
        child.stdin.write(b"go\n")
        assert child.stdout.readline() == b"done\n"
        wait_for(lambda: traced(scratch, below) > 2)  # found within a second, then read
        tracer.forget(child.pid)
        wait_for(lambda: readings_stopped(scratch, child.pid))
        child.communicate(b"end\n")
        assert tracer.fault is None
    assert tracer.fault is None
    found = tables(scratch)
    process = found["trace_process"]
    return {
        **found,
        "session": session,
        "child": process.filter(pid=child.pid),
        "below": process.filter(pid=below),
        "pid": child.pid,
    }


def test_every_row_is_of_this_session(run: dict[str, Any]) -> None:
    for name in TRACE_TABLES:
        assert set(run[name]["session_id"]) <= {run["session"].session_id}
    row = run["sessions"].row(0, named=True)
    assert row["started_at"] == run["session"].started_at
    assert row["machine_id"] == run["session"].machine_id
    anchors = row["anchors"]
    assert len(anchors) >= 2
    assert anchors[0]["monotonic_ns"] < run["trace_system"]["t_ns"][1]
    assert run["trace_system"]["t_ns"][-1] <= anchors[-1]["monotonic_ns"]
    wall = anchors[-1]["wall_ns"] - anchors[0]["wall_ns"]
    assert wall > 1e9


def test_cpu_time_of_a_busy_process(run: dict[str, Any]) -> None:
    cpu = run["child"]["cpu_ns"]
    assert BUSY_S <= (cpu[-1] - cpu[0]) / 1e9 <= BUSY_S + 0.3
    assert cpu.is_sorted()
    assert len(run["child"]["created_ns"].unique()) == 1


def test_memory_of_a_known_allocation(run: dict[str, Any]) -> None:
    rss = run["child"]["rss_bytes"]
    assert 0.98 * MEMORY <= rss.max() - rss[0] <= MEMORY + WRITTEN + 20_000_000


@linux
def test_bytes_of_a_known_writer_are_exact(run: dict[str, Any]) -> None:
    written = run["child"]["written_chars"]
    assert written[-1] - written[0] == WRITTEN + len("done\n")


def test_a_process_below_is_found_and_attributed(run: dict[str, Any]) -> None:
    below = run["below"]
    assert below.select("model", "role").unique().rows() == [("m", "engine")]
    sockets = below["remote_sockets"].drop_nulls()
    assert set(sockets) == {0}


def test_costly_columns_come_once_a_second(run: dict[str, Any]) -> None:
    child = run["child"]
    given = child["voluntary_switches"].is_not_null().sum()
    seconds = (child["t_ns"][-1] - child["t_ns"][0]) / 1e9
    assert 1 <= given <= seconds + 2
    assert child["voluntary_switches"].drop_nulls().is_sorted()


def test_ticks_keep_to_their_deadlines(run: dict[str, Any]) -> None:
    (made,), (missed,), (late,) = (events(run, kind) for kind in ("ticks", "missed", "late"))
    t_ns = run["trace_system"]["t_ns"]
    due = (t_ns[-1] - t_ns[0]) * HZ / 1e9
    assert abs(made["value"] + missed["value"] - due) < 10
    assert 0 <= late["value"] <= made["value"]
    assert len(t_ns) == made["value"] + 1  # and the last reading, when it was told to end
    whole = run["trace_system"]["cpu_idle_ns"].is_not_null()
    assert whole[0] and whole[-1]


def test_its_own_cost_is_known(run: dict[str, Any]) -> None:
    cost = {event["subject"]: event["value"] for event in events(run, "cost")}
    own = run["trace_process"].filter(role="tracer")
    assert own.select("model", "pid").n_unique() == 1
    assert cost["cpu"] == pytest.approx(own["cpu_ns"][-1] / 1e9, abs=0.3)
    # The kernel keeps the largest figure by a counter that lags behind by some pages a core.
    assert own["rss_bytes"].max() <= cost["memory"] + 2**20
    assert cost["memory"] <= 64 * 2**20


LANES = {
    "system": "trace_system",
    "disk": "trace_disk",
    "network": "trace_network",
    "powercap": "trace_energy",
    "cores": "trace_core",
    "pressure": "trace_pressure",
    "cgroup": "trace_cgroup",
    "temperature": "trace_temperature",
    "gpu": "trace_gpu",
}


def test_a_lane_is_there_or_says_why_not(run: dict[str, Any]) -> None:
    missing = [event["lane"] for event in events(run, "lane_missing")]
    for lane, table in LANES.items():
        assert run[table].is_empty() <= (lane in missing), lane
    assert all(event["detail"] for event in events(run, "lane_missing"))
    assert not events(run, "process_gone")  # it was forgotten before it ended


# Runs a tracer, says the sampler's pid and stays; with "fork" a child inherits all descriptors.
PARENT = """
import os, sys, time
from pathlib import Path
from stages.trace.session import Session
from stages.trace.tracer import Tracer
with Tracer(Path(sys.argv[1]), 20, Session.begin()) as tracer:
    heir = os.fork() if sys.argv[2] == "fork" else 0
    if heir or sys.argv[2] != "fork":
        print(tracer._process.pid, heir, flush=True)
    time.sleep(60)
"""


@posix
@pytest.mark.parametrize("how", ["alone", "fork"])
def test_the_parents_death_ends_it_in_order(tmp_path: Path, how: str) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path), how]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    sampler, heir = map(int, parent.stdout.readline().split())
    parent.kill()
    parent.wait()
    killed = time.monotonic()
    try:
        wait_for(lambda: ended(sampler))
        assert time.monotonic() - killed < 4  # 2 s, where the machine is not busy
    finally:
        if heir:
            os.kill(heir, signal.SIGKILL)
        parent.stdout.close()
    found = tables(tmp_path)
    assert found["trace_system"].height > 1
    assert events(found, "ticks")
    assert not events(found, "damaged")


@posix
def test_a_killed_sampler_loses_at_most_a_second(tmp_path: Path) -> None:
    with Tracer(tmp_path, HZ, Session.begin()) as tracer:
        time.sleep(1)
        killed = time.monotonic_ns()
        tracer._process.kill()
        wait_for(lambda: tracer.fault is not None)
        tracer.watch(os.getpid(), None, "client")  # the run goes on
        tracer.forget(os.getpid())
    found = tables(tmp_path)
    assert 0 <= killed - found["trace_system"]["t_ns"][-1] <= 1e9
    (event,) = events(found, "tracer_died")
    assert "status -9" in event["detail"]
    assert event["detail"] == tracer.fault
    assert not events(found, "ticks")


@posix
def test_a_sampler_that_was_stopped_goes_on_and_says_so(tmp_path: Path) -> None:
    with Tracer(tmp_path, HZ, Session.begin()) as tracer:
        wait_for(lambda: ticks(tmp_path))
        tracer._process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        went_on = time.monotonic_ns()
        tracer._process.send_signal(signal.SIGCONT)
        wait_for(lambda: ticks(tmp_path)[-1] > went_on)
    assert tracer.fault is None
    found = tables(tmp_path)
    (gap,) = events(found, "gap")
    assert 1.4 <= gap["value"] <= 10
    assert went_on <= gap["t_ns"]
    between = found["trace_system"]["t_ns"].is_between(went_on - int(1.4e9), went_on - int(0.1e9))
    assert not between.any()  # nothing is made up for
    (missed,) = events(found, "missed")
    assert missed["value"] >= 1.3 * HZ


@posix
def test_a_stopped_sampler_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_END_S", 0.3)
    with Tracer(tmp_path, HZ, Session.begin()) as tracer:
        tracer._process.send_signal(signal.SIGSTOP)
    assert tracer._process.returncode == -signal.SIGKILL
    assert "did not end in order" in (tracer.fault or "")
    assert events(tables(tmp_path), "tracer_died")


@posix
def test_an_interrupt_is_the_parents_and_sigterm_ends_in_order(tmp_path: Path) -> None:
    with Tracer(tmp_path, HZ, Session.begin()) as tracer:
        assert os.getpgid(tracer._process.pid) != os.getpgid(0)
        tracer._process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert tracer._process.poll() is None
        tracer._process.terminate()
        assert tracer._process.wait(10) == 0
        assert "ended before the run did (status 0)" in (tracer.fault or "")
    found = tables(tmp_path)
    assert events(found, "ticks")
    assert events(found, "tracer_died")


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Whatever is started in this block can write files of so many bytes: a disk that is full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@posix
def test_a_tracer_that_cannot_write_fails_with_its_reason(tmp_path: Path) -> None:
    tracer = Tracer(tmp_path, HZ, Session.begin())
    with (
        files_up_to(500),
        pytest.raises(RunFailed, match=r"the tracer ended at once: .* too large"),
    ):
        tracer.__enter__()


@posix
def test_a_disk_that_fills_later_ends_the_sampler_with_its_reason(tmp_path: Path) -> None:
    tracer = Tracer(tmp_path, 200, Session.begin())
    with ExitStack() as stack:
        with files_up_to(20_000):
            stack.enter_context(tracer)
        wait_for(lambda: tracer.fault)
    assert "the sampler stopped: File too large" in (tracer.fault or "")
    found = tables(tmp_path)
    assert found["trace_system"].height > 10  # what was written before is whole
    assert events(found, "tracer_died")
    assert not events(found, "damaged")


def test_one_session_a_folder(tmp_path: Path) -> None:
    with Tracer(tmp_path, HZ, Session.begin()):
        pass
    with pytest.raises(FileExistsError, match="another session"):
        Tracer(tmp_path, HZ, Session.begin()).__enter__()
    found = tables(tmp_path)
    assert found["trace_system"].height >= 2  # the first tick and the last reading


def test_a_vanishing_process_is_an_event(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with Tracer(tmp_path, HZ, Session.begin()) as tracer:
        tracer.watch(child.pid, "m", "engine")
        wait_for(lambda: traced(tmp_path, child.pid) > 0)
        child.communicate(b"\n")
        wait_for(lambda: any(event["kind"] == "process_gone" for event in noted(tmp_path)))
    (event,) = events(tables(tmp_path), "process_gone")
    assert (event["lane"], event["subject"]) == ("process", str(child.pid))


# Begins a process with the given mark in its command line and says its pid, for each line that it
# is given; ends with all of them.
SERVER = """
import subprocess, sys
begun = []
for mark in sys.stdin:
    begun.append(subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()", mark.strip()], stdin=subprocess.PIPE
    ))
    print(begun[-1].pid, flush=True)
for process in begun:
    process.communicate()
"""


class Server:
    """Stands for an Ollama that begins its models' processes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.pid = self._process.pid

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def begin(self, mark: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(mark.encode() + b"\n")
        return int(self._process.stdout.readline())


def found_within(scratch: Path, pid: int, since_ns: int, seconds: float) -> None:
    wait_for(lambda: traced(scratch, pid) > 0)
    assert readings(scratch, pid)[0] - since_ns < seconds * 1e9


def test_a_models_processes_are_found_also_when_another_takes_over(tmp_path: Path) -> None:
    mark = f"sha256-{os.getpid()}-tiny"
    with Server() as server, Server() as stranger:
        pids, other = [server.begin(mark)], stranger.begin(mark)
        with Tracer(tmp_path, HZ, Session.begin()) as tracer:
            tracer.watch(server.pid, None, "server")
            tracer.follow("m", Followed(mark, below=server.pid))
            found_within(tmp_path, pids[0], time.monotonic_ns(), 0.5)
            for _ in range(2):
                psutil.Process(pids[-1]).kill()
                killed = time.monotonic_ns()
                pids.append(server.begin(mark))
                found_within(tmp_path, pids[-1], killed, 1)
            tracer.unfollow("m")
            wait_for(lambda: readings_stopped(tmp_path, pids[-1]))
            tracer.missing("process", "m", "it is out of sight")
    found = tables(tmp_path)
    process = found["trace_process"].filter(role="engine")
    assert list(process["pid"].unique(maintain_order=True)) == pids
    assert set(process["model"]) == {"m"}
    assert other not in set(found["trace_process"]["pid"])
    told = [event for event in found["trace_events"].to_dicts() if event["subject"] == "m"]
    assert [(event["kind"], event["lane"], event["value"]) for event in told] == [
        ("runner_started", "process", pids[0]),
        *(("runner_reloaded", "process", pid) for pid in pids[1:]),
        ("lane_missing", "process", None),
    ]
    assert told[-1]["detail"] == "it is out of sight"
    assert found["trace_held"].is_empty()


@posix
def test_a_sampler_that_was_revived_follows_again(tmp_path: Path) -> None:
    mark, old = f"sha256-{os.getpid()}-again", f"sha256-{os.getpid()}-gone"
    with Server() as server, Tracer(tmp_path, HZ, Session.begin()) as tracer:
        gone, pid = server.begin(old), server.begin(mark)
        tracer.follow("gone", Followed(old))
        tracer.follow("m", Followed(mark))
        for each in (gone, pid):
            wait_for(lambda each=each: traced(tmp_path, each))
        tracer.unfollow("gone")
        tracer._process.kill()
        tracer._process.wait()
        tracer.revive()
        assert tracer.fault is None
        before = traced(tmp_path, gone), traced(tmp_path, pid)
        wait_for(lambda: traced(tmp_path, pid) > before[1] + 2)
        assert traced(tmp_path, gone) == before[0]
    assert events(tables(tmp_path), "tracer_restarted")


def says(folder: Path, message: str) -> str:
    """A program that says this instead of sampling, and goes on until its input ends."""
    program = folder / "sampler"
    program.write_text(f"#!/bin/sh\necho '{message}'\nexec cat\n")
    program.chmod(0o755)
    return str(program)


@posix
@pytest.mark.parametrize("energy", [True, False])
def test_whether_energy_is_measured_is_the_samplers_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, energy: bool
) -> None:
    message = json.dumps({"ready": True, "energy": energy})
    monkeypatch.setattr(sys, "executable", says(tmp_path, message))
    tracer = Tracer(tmp_path / "s", HZ, Session.begin())
    assert not tracer.measures_energy
    with tracer:
        assert tracer.measures_energy == energy
    assert tracer.fault is None


@posix
def test_a_sampler_that_says_something_else_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", says(tmp_path, "hello"))
    with pytest.raises(RunFailed, match="the tracer"):
        Tracer(tmp_path / "s", HZ, Session.begin()).__enter__()


@posix
def test_idleness_is_noted_when_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", says(tmp_path, '{"ready": true, "energy": true}'))
    with Tracer(tmp_path / "s", HZ, Session.begin()) as tracer:
        before = time.monotonic_ns()
        tracer.idle(0.2)
        after = time.monotonic_ns()
    (event,) = tables(tmp_path / "s")["trace_events"].to_dicts()
    assert (event["kind"], event["lane"], event["value"]) == ("idle", "energy", 0.2)
    assert before + 0.2e9 <= event["t_ns"] <= after
