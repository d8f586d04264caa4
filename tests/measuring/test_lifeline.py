"""A stage that DVC started ends with DVC, however DVC ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.conftest import ends_within

STAGE = """
import sys, time
from stages.measuring.lifeline import watch_parents
from stages.errors import run
def main(argv):
    watch_parents()
    print(__import__('os').getpid(), flush=True)
    time.sleep(60)
run(main)
"""
# As DVC does it: the stage runs in a shell, which may or may not replace itself by it.
PARENT = """
import subprocess, sys
subprocess.run(sys.argv[1], shell=True, executable=sys.argv[2])
"""


@pytest.mark.skipif(os.name != "posix", reason="shells of POSIX")
@pytest.mark.parametrize("stays", [False, True])
def test_the_stage_ends_when_its_dvc_is_killed(stays: bool) -> None:
    command = f'"{sys.executable}" -c "$STAGE"' + ("; true" if stays else "")
    environment = os.environ | {"DVC_ROOT": "/", "STAGE": STAGE}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, command, "/bin/sh"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as dvc:
        assert dvc.stdout is not None
        stage = psutil.Process(int(dvc.stdout.readline()))
        time.sleep(0.3)
        assert stage.is_running()
        dvc.send_signal(signal.SIGKILL)
        assert ends_within(stage, 5)


@pytest.mark.skipif(os.name != "posix", reason="shells of POSIX")
@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2])
def test_a_dvc_that_is_gone_before_the_stage_looks_ends_it_too(stays: bool, delay: float) -> None:
    """The stage imports for a while before it can look; DVC may be killed meanwhile."""
    stage = "import time; time.sleep(0.5)\n" + STAGE
    command = f'echo started; "{sys.executable}" -c "$STAGE"' + ("; true" if stays else "")
    environment = os.environ | {"DVC_ROOT": "/", "STAGE": "import stages\n" + stage}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, command, "/bin/sh"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as dvc:
        assert dvc.stdout is not None
        assert dvc.stdout.readline() == "started\n"
        time.sleep(delay)
        children = psutil.Process(dvc.pid).children(recursive=True)
        dvc.send_signal(signal.SIGKILL)
        assert all(ends_within(child, 5) for child in children)
        assert dvc.stdout.read() == ""  # it never came as far as to say its number
