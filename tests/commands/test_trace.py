"""`overthink trace` around real programs with known use, and every way in which one can end."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest

from stages.cli import _main
from stages.errors import UserError
from stages.trace.schema import TRACE_TABLES
from tests.conftest import ends_within

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
linux = pytest.mark.skipif(sys.platform != "linux", reason="figures that Linux alone gives")

TRACE = [sys.executable, "-m", "stages.cli", "trace"]
MIB = 2**20

# Busy for BUSY_S of CPU time, MEMORY bytes touched, WRITTEN bytes written; lives for two looks.
BUSY_S, MEMORY, WRITTEN = 0.5, 200_000_000, 1_234_567
WORK = f"""
import sys, time
began = time.monotonic()
while time.process_time() < {BUSY_S}:
    pass
memory = bytearray(b"x") * {MEMORY}
with open(sys.argv[1], "wb", buffering=0) as sink:
    sink.write(bytes({WRITTEN}))
print("out", flush=True)
time.sleep(max(0, 2.3 - (time.monotonic() - began)))
sys.exit(3)
"""


def trace(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    options = {"capture_output": True, "text": True, "timeout": 60} | options
    return subprocess.run([*TRACE, *arguments], check=False, **options)


def python(code: str, *arguments: str) -> list[str]:
    # -S: what an environment does at the start of each Python is none of the work
    return [sys.executable, "-S", "-c", code, *arguments]


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return found


def command_figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = summary(folder)["figures"]["command"]
    return found


@contextmanager
def running(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A trace that runs; whatever is left of it is ended with the block."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    process = subprocess.Popen([*TRACE, *arguments], **options)
    below: list[psutil.Process] = []
    try:
        yield process
        with suppress(psutil.Error):
            below = psutil.Process(process.pid).children(recursive=True)
    finally:
        for left in [*below, process]:
            with suppress(psutil.Error):
                left.kill()
        process.communicate()


def wait_for(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + 30
    while not (value := found()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return value


def child(of: subprocess.Popen[str], *, sampler: bool) -> psutil.Process:
    """The tracer's own process, or the command, once it is there."""

    def look() -> psutil.Process | None:
        for one in psutil.Process(of.pid).children():
            with suppress(psutil.Error):
                words = one.cmdline()
                started = words and "stages.cli" not in words  # else forked, not itself yet
                if started and ("stages.trace.sampler" in words) == sampler:
                    return one
        return None

    found: psutil.Process = wait_for(look)
    return found


def said(process: subprocess.Popen[str]) -> str:
    """The next line of the command's output."""
    assert process.stdout is not None
    line: str = process.stdout.readline()
    return line


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One traced run of WORK."""
    folder = tmp_path_factory.mktemp("known")
    out = folder / "new" / "trace"
    done = trace("-o", str(out), "--plot", "--", *python(WORK, str(folder / "sink")))
    return {"done": done, "out": out, "figures": command_figures(out)}


def test_the_commands_status_and_output_are_its_own(known: dict[str, Any]) -> None:
    done = known["done"]
    assert done.returncode == 3
    assert done.stdout == "out\n"
    assert "exit status 3" in done.stderr
    assert summary(known["out"])["exit_status"] == 3


def test_cpu_time_is_what_the_command_used(known: dict[str, Any]) -> None:
    assert BUSY_S <= known["figures"]["cpu_s"] <= BUSY_S + 1


def test_memory_is_what_the_command_held(known: dict[str, Any]) -> None:
    for name in ("memory_peak_bytes", "process_peak_bytes"):
        assert MEMORY <= known["figures"][name] <= 1.05 * MEMORY + 30 * MIB


@linux
def test_bytes_written_are_exact(known: dict[str, Any]) -> None:
    assert known["figures"]["written_bytes"] == WRITTEN + len("out\n")
    assert 0 < known["figures"]["read_bytes"] < 5 * MIB


@linux
def test_what_is_read_once_a_second_is_there(known: dict[str, Any]) -> None:
    # when the second falls is chance: the memory may not be there whole yet
    assert 0 < known["figures"]["pss_peak_bytes"] <= known["figures"]["memory_peak_bytes"]
    assert known["figures"]["remote_sockets_peak"] == 0
    assert known["figures"]["processes_seen"] == 1


def test_the_tables_are_kept_and_nothing_else(known: dict[str, Any]) -> None:
    tables = {f"{name}.parquet" for name in TRACE_TABLES}
    assert {path.name for path in known["out"].iterdir()} == tables | {"summary.json", "trace.png"}
    process = pl.read_parquet(known["out"] / "trace_process.parquet").filter(role="command")
    assert process.height > 20
    assert process["pid"].n_unique() == 1


def test_there_is_a_picture_of_useful_size(known: dict[str, Any]) -> None:
    picture = (known["out"] / "trace.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width = int.from_bytes(picture[16:20], "big")
    assert width >= 800


def test_what_isnt_known_has_a_reason(known: dict[str, Any]) -> None:
    found = summary(known["out"])
    for about, figures in found["figures"].items():
        unknown = {name for name, value in figures.items() if value is None}
        assert unknown == set(found["unknown"].get(about, {}))
    assert all(gap["reason"] for gap in found["missing"])


@linux
def test_five_hundred_children_too_short_to_be_seen_are_counted(tmp_path: Path) -> None:
    loop = "i=0; while [ $i -lt 500 ]; do head -c 1000 /dev/zero >/dev/null; i=$((i+1)); done"
    assert trace("-o", str(tmp_path), "sh", "-c", loop).returncode == 0
    figures = command_figures(tmp_path)
    assert figures["written_bytes"] == 500 * 1000
    assert figures["cpu_s"] > 0.05
    assert figures["processes_seen"] < 500


@linux
def test_orphans_are_counted_and_watched(tmp_path: Path) -> None:
    # The shell in between ends at once: its child is nobody's when it writes.
    orphan = 'sh -c "sleep 1.5; head -c 1000000 /dev/zero >/dev/null"'
    trace("-o", str(tmp_path), "sh", "-c", f"({orphan} &); sleep 2.5")
    assert command_figures(tmp_path)["written_bytes"] == 1_000_000
    process = pl.read_parquet(tmp_path / "trace_process.parquet").filter(role="command")
    assert process["pid"].n_unique() >= 3


@linux
def test_what_outlives_the_command_is_counted_to_its_end_and_goes_on(tmp_path: Path) -> None:
    code = """
import os, subprocess, sys, time
rest = "import os, time; os.write(1, bytes(5000)); time.sleep(60)"
left = subprocess.Popen([sys.executable, "-S", "-c", rest], stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL)
time.sleep(1.5)
print(left.pid, flush=True)
os._exit(0)
"""
    done = trace("-o", str(tmp_path), "--", *python(code))
    left = psutil.Process(int(done.stdout))
    try:
        assert command_figures(tmp_path)["written_bytes"] == 5000 + len(done.stdout)
        assert left.is_running()
    finally:
        left.kill()


@posix
@pytest.mark.parametrize(
    ("command", "status", "told"),
    [
        (["sh", "-c", "kill -9 $$"], 137, "killed by SIGKILL"),
        (["no-such-command"], 127, "'no-such-command' can't be run: No such file or directory"),
        (["/"], 126, "'/' can't be run: Permission denied"),
    ],
)
def test_how_it_ended_shows_in_the_status(command: list[str], status: int, told: str) -> None:
    done = trace(*command)
    assert done.returncode == status
    assert told in " ".join(done.stderr.split())
    assert done.stdout == ""


@posix
def test_a_command_that_isnt_there_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert trace("-o", str(out), "no-such-command").returncode == 127
    assert not list(out.iterdir())


@posix
def test_a_script_without_an_interpreter_is_the_shells(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text('cat; echo "$1"; exit 4\n')
    script.chmod(0o755)
    done = trace(str(script), "-x", input="in\n")
    assert done.returncode == 4
    assert done.stdout == "in\n-x\n"


@linux
def test_a_command_ended_before_the_first_reading_has_its_figures(tmp_path: Path) -> None:
    trace("--hz", "0.1", "-o", str(tmp_path), "head", "-c", "777", "/dev/zero")
    found = summary(tmp_path)
    assert found["figures"]["command"]["written_bytes"] == 777
    assert 0 < found["seconds"] < 5
    assert found["figures"]["command"]["pss_peak_bytes"] is None


# Says how often it has heard each signal, each time that it hears one; ends with SIGHUP.
HEARS = """
import collections, signal, sys, time
heard = collections.Counter()
def hear(number, _):
    heard[signal.Signals(number).name] += 1
for name in ("SIGTERM", "SIGINT", "SIGUSR1", "SIGHUP"):
    signal.signal(getattr(signal, name), hear)
print("ready", flush=True)
before = None
while "SIGHUP" not in heard:
    if heard != before:
        before = heard.copy()
        time.sleep(0.4)
        print(*sorted(heard.items()), flush=True)
    time.sleep(0.02)
sys.exit(5)
"""


@posix
def test_signals_for_us_alone_are_passed_on_once() -> None:
    with running("--", *python(HEARS)) as process:
        assert said(process) == "ready\n"
        heard = []
        said(process)
        for name in ("SIGINT", "SIGTERM", "SIGUSR1"):
            process.send_signal(getattr(signal, name))
            heard.append(f"('{name}', 1)")
            assert said(process) == " ".join(heard) + "\n"
        process.send_signal(signal.SIGHUP)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 5
        assert "exit status 5" in told
        assert "Traceback" not in told


@posix
def test_ctrl_c_at_a_terminal_reaches_the_command_once() -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(TRACE[0], [*TRACE, "--", *python(HEARS)])
    output = b""
    try:
        while b"ready" not in output:
            output += os.read(terminal, 1024)
        os.write(terminal, b"\x03")
        while b"SIGINT" not in output:
            output += os.read(terminal, 1024)
        os.kill(pid, signal.SIGHUP)
        with suppress(OSError):  # so a terminal ends on Linux
            while part := os.read(terminal, 1024):
                output += part
    finally:
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
    assert b"('SIGINT', 1)\r\n" in output
    assert os.waitstatus_to_exitcode(status) == 5
    assert b"exit status 5" in output
    assert b"Traceback" not in output


@posix
def test_a_stopped_command_goes_on() -> None:
    with running("sleep", "1") as process:
        command = child(process, sampler=False)
        command.suspend()
        time.sleep(0.3)
        assert process.poll() is None
        command.resume()
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "sleep 1" in told


@linux
def test_stopped_itself_it_knows_when_the_command_ended(tmp_path: Path) -> None:
    with running("-o", str(tmp_path), "sleep", "1") as process:
        child(process, sampler=False)
        time.sleep(0.4)  # the tracer has to be told of it first
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=30)
    assert 1 <= summary(tmp_path)["seconds"] <= 3


@linux
def test_a_killed_tracer_ends_its_figures_not_the_command(tmp_path: Path) -> None:
    code = "import time; time.sleep(2); open('/dev/null', 'wb').write(bytes(54321))"
    with running("-o", str(tmp_path), "--", *python(code)) as process:
        child(process, sampler=False)
        child(process, sampler=True).kill()
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    assert "the tracer failed, its figures end early" in " ".join(told.split())
    found = summary(tmp_path)
    assert found["fault"]
    assert found["figures"]["command"]["written_bytes"] == 54321


@posix
def test_killed_itself_the_command_goes_on_and_the_trace_can_be_recovered(tmp_path: Path) -> None:
    with running("-o", str(tmp_path), "sleep", "60") as process:
        command, sampler = child(process, sampler=False), child(process, sampler=True)
        try:
            time.sleep(1)
            early = trace("--recover", str(tmp_path))
            process.kill()
            assert ends_within(sampler, 10)
            assert command.is_running()
        finally:
            command.kill()
    assert early.returncode == 2
    assert "is still being written" in early.stderr
    again = trace("-o", str(tmp_path), "true")
    assert again.returncode == 2
    assert f"--recover {tmp_path}" in again.stderr
    done = trace("--recover", str(tmp_path), "--plot")
    assert done.returncode == 0
    assert "sleep 60" in done.stderr
    assert not (tmp_path / "unfinished").exists()
    assert (tmp_path / "trace.png").exists()
    assert summary(tmp_path)["exit_status"] is None
    assert pl.read_parquet(tmp_path / "trace_process.parquet").filter(role="command").height > 5
    assert trace("--recover", str(tmp_path)).returncode == 2


@posix
def test_a_running_process_is_traced_until_it_ends(tmp_path: Path) -> None:
    code = """
import sys, time
sys.stdin.readline()
before = time.process_time()
while time.process_time() < before + 0.5:
    pass
time.sleep(0.5)
"""
    watched = subprocess.Popen(python(code), stdin=subprocess.PIPE, text=True)
    with running("-o", str(tmp_path), "--pid", str(watched.pid)) as process:
        child(process, sampler=True)
        wait_for((tmp_path / "unfinished" / "run.json").exists)
        time.sleep(0.3)
        watched.communicate("go\n")
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"process {watched.pid}" in told
    found = summary(tmp_path)
    assert found["command"] is None
    assert 0.4 <= found["figures"]["watched"]["cpu_s"] <= 0.8


@posix
@pytest.mark.parametrize("what", ["machine", "process"])
def test_ctrl_c_is_the_regular_end_without_a_command(what: str) -> None:
    arguments = ["--pid", str(os.getpid())] if what == "process" else []
    with running(*arguments) as process:
        assert process.stderr is not None
        assert "Ctrl-C ends it" in process.stderr.readline()
        child(process, sampler=True)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert what in told.splitlines()[1]
    assert "Traceback" not in told


@posix
def test_what_is_shown_of_a_command_commands_no_terminal(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    hostile = ["\x1b[31m", "[bold]", "$x^{$", "\u202e", "\udcff"]
    done = trace("--plot", str(picture), "--", "true", *hostile, errors="surrogateescape")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr
    assert "[bold]" in done.stderr
    assert picture.read_text().rstrip().endswith("</svg>")


@posix
def test_nobody_has_to_read_the_summary() -> None:
    line = f"{' '.join(TRACE)} sh -c 'exit 6' 2>&1 >/dev/null | head -c 0; exit ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", line], check=False).returncode == 6
    line = f"{' '.join(TRACE)} sh -c 'echo out; exit 6' 2>&-"
    done = subprocess.run(["bash", "-c", line], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (6, "out\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--hz", "0.05", "true"], "out of range; give 0.1 to 1000"),
        (["--hz", "nan", "true"], "out of range"),
        (["--pid", str(2**40)], "there is no such process"),
        (["--pid", "-1"], "there is no such process"),
        (["--plot", "true"], "a picture's name ends with .png or .svg; where that is the command"),
        (["--plot", "no/such/folder.png", "true"], "is in a folder that isn't there"),
        (["-o", ".", "true"], "isn't empty; name a new folder"),
        (["-o", "full", "true"], "is no folder"),
        (["--recover", "."], "nothing to recover"),
        (["--recover", ".", "true"], "leave out CMD"),
    ],
)
def test_a_mistake_is_said_before_anything_runs(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("full").touch()
    with pytest.raises(UserError, match=told.replace(".", r"\.")):
        _main(["trace", *arguments])
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
