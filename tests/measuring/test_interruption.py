"""Ctrl-C with real signals: a whole stage in a process of its own, asking a scripted engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.measuring.interruption import PATIENCE_S, patiently
from tests.graph import ROOT
from tests.measuring.project import StageProject, unit

# A prompt's text is how long its answer takes, s. Unloading takes as long as the last argument.
STAGE = """
import signal, sys, threading, time
from contextlib import contextmanager
from stages import generate, sidebyside
from stages.errors import run
from stages.measuring import fitting, interruption, residents, serving, session
from tests.measuring.scripted import OK, QuietTracer, ScriptedEngine

name, argument, patience, unloading = sys.argv[1:5]

class Engine(ScriptedEngine):
    @contextmanager
    def start(self, *arguments):
        with super().start(*arguments) as loaded:
            yield loaded
        time.sleep(float(unloading))
        print("unloaded", flush=True)

def reply(key, request):
    sys.stdout.write("asked\\n")  # in one piece, from whichever thread
    sys.stdout.flush()
    if "to the thread that asks" in sys.argv:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    time.sleep(float(request.messages[-1]["content"]))
    return ["x"], OK

engine = Engine(reply=reply)
fitting.engine_for = residents.engine_for = serving.engine_for = lambda _: engine
session.Tracer = QuietTracer
interruption.PATIENCE_S = float(patience)
run({"generate": generate, "sidebyside": sidebyside}[name].main, [argument])
"""


class Stage:
    """The process; ``said`` has all of its stderr and ``rest`` of its stdout once it has ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = self.rest = ""

    def await_asked(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "asked\n"

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def await_heard(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if line.startswith("stopping"):
                return
        pytest.fail("it heard nothing")

    def ended(self) -> float:
        """How long it took to end, s."""
        began = time.monotonic()
        self.rest, said = self.process.communicate(timeout=30)
        self.said += said
        return time.monotonic() - began


@contextmanager
def stage(
    name: str, argument: str, patience: float = PATIENCE_S, unloading: float = 0, *more: str
) -> Iterator[Stage]:
    command = [sys.executable, "-c", STAGE, name, argument, str(patience), str(unloading), *more]
    with subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Stage(process)
        finally:
            process.kill()


def test_what_ends_in_time_is_kept_and_nothing_more_is_asked(stage_project: StageProject) -> None:
    units = unit("p", "0.2"), unit("q", "0.2"), unit("r", "0.2")
    stage_project.write_plan(*units)
    # The patience is over while the model is unloaded, which must not be cut short by that.
    with stage("generate", "m", patience=1.2, unloading=1.4) as run:
        run.await_asked()
        run.interrupt()
        run.ended()
    assert run.process.returncode == 130
    assert run.rest == "unloaded\n"
    assert "generate m: 1 of 3 responses are kept; the same command goes on" in run.said
    assert run.said.endswith("interrupted\n") and "Traceback" not in run.said
    assert not Path("data/responses/m").exists()
    assert stage_project.generate(*units)["reused"].sum() == 1
    assert stage_project.asked == 2


def test_what_takes_longer_is_stopped_after_two_seconds(stage_project: StageProject) -> None:
    stage_project.write_plan(unit("p", "30"))
    with stage("generate", "m") as run:
        run.await_asked()
        run.interrupt()
        seconds = run.ended()
    assert PATIENCE_S == 2.0
    assert 1.5 < seconds < 10
    assert (run.process.returncode, run.rest) == (130, "unloaded\n")
    assert "0 of 1 responses are kept" in run.said
    assert stage_project.generate(unit("p", "30"))["reused"].to_list() == [False]


def test_a_second_signal_stops_at_once(stage_project: StageProject) -> None:
    stage_project.write_plan(unit("p", "30"))
    with stage("generate", "m", patience=25) as run:
        run.await_asked()
        run.interrupt()
        run.await_heard()
        run.interrupt()
        assert run.ended() < 10
    assert (run.process.returncode, run.rest) == (130, "unloaded\n")
    assert "0 of 1 responses are kept" in run.said


def test_a_signal_during_the_last_response_stops_what_comes_after_the_stage(
    stage_project: StageProject,
) -> None:
    """Everything is there then; but status 0 would have the next stage begin."""
    stage_project.write_plan(unit("p", "0.3"))
    with stage("generate", "m", patience=20) as run:
        run.await_asked()
        run.interrupt()
        run.ended()
    assert run.process.returncode == 130
    assert "1 of 1 responses are kept" in run.said
    assert stage_project.records("responses/m").height == 1


def leave_the_roster_to_ask(project: StageProject) -> None:
    """The plan is written, and the journal has what was asked of each model alone."""
    project.without_sampler()
    project.sidebyside(unit("p", "20"))
    for path in Path(".overthink/journal").glob("*/units.log"):
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(line for line in lines if b'"arm":"together"' not in line))


def test_a_roster_that_takes_longer_is_stopped_too_and_none_of_it_kept(
    stage_project: StageProject,
) -> None:
    leave_the_roster_to_ask(stage_project)
    with stage("sidebyside", "t", patience=0.3) as run:
        run.await_asked()
        run.await_asked()
        run.interrupt()
        assert run.ended() < 10
    assert (run.process.returncode, run.rest) == (130, "unloaded\nunloaded\n")
    assert "2 of 4 responses are kept" in run.said
    records = stage_project.sidebyside(unit("p", "20"))
    assert records.select("arm", "reused").unique().sort("arm").rows() == [
        ("alone", True),
        ("together", False),
    ]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to one thread")
def test_a_signal_that_does_not_wake_the_main_thread_stops_a_roster_too(
    stage_project: StageProject,
) -> None:
    """As one does that comes just before that thread begins to wait."""
    leave_the_roster_to_ask(stage_project)
    with stage("sidebyside", "t", 0.3, 0, "to the thread that asks") as run:
        run.await_asked()
        assert run.ended() < 10
    assert run.process.returncode == 130


def test_the_signal_is_handled_as_before_once_the_block_has_ended() -> None:
    before = signal.getsignal(signal.SIGINT)
    with patiently() as interruption:
        assert signal.getsignal(signal.SIGINT) == interruption.heard
        interruption.check()
    assert signal.getsignal(signal.SIGINT) == before


def test_a_block_in_another_thread_leaves_signals_alone() -> None:
    seen: list[object] = []

    def block() -> None:
        with patiently() as interruption:
            interruption.check()
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
