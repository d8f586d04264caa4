"""Signals told apart, on systems that name the sender and on those that don't."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from stages.tracing.signals import Heard

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "sigtimedwait"), reason="compares both kinds, of which Linux has both"
)

# In a process of its own, since a signal to a process may be any thread's.
START = """
import os, signal, subprocess, sys, time
from stages.tracing.signals import HandledSignals, TakenSignals
kind = {"taken": TakenSignals, "handled": HandledSignals}[sys.argv[1]]
us = os.getpid()
"""


@pytest.mark.parametrize("kind", ["taken", "handled"])
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            """
with kind() as signals:
    os.kill(us, signal.SIGTERM)
    heard = signals.next(5)
    assert heard.number == signal.SIGTERM and heard.ends
    assert signals.next(0.01) is None
""",
            id="one is taken and interrupts nothing",
        ),
        pytest.param(
            """
with kind() as signals:
    child = subprocess.Popen(["true"])
    heard = signals.next(30)
    assert heard.number == signal.SIGCHLD
    assert not heard.ends and not heard.is_for(child.pid)
""",
            id="the end of a child is one",
        ),
        pytest.param(
            """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with kind() as signals:
    os.kill(us, signal.SIGHUP)
    assert signals.next(0.1) is None
""",
            id="what was ignored stays so",
        ),
        pytest.param(
            """
def state():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGUSR1)]
    return handlers, signal.pthread_sigmask(signal.SIG_BLOCK, ())
before = state()
with kind() as signals:
    assert signals.blocked == before[1]
    os.kill(us, signal.SIGINT)  # one too many, that nobody takes
    time.sleep(0.05)
assert state() == before
""",
            id="afterwards all is as before",
        ),
    ],
)
def test_signals_are_ours_while_the_block_lasts(kind: str, code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START + code, kind], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("heard", "passed_on"),
    [
        (Heard(signal.SIGINT, 1, to_all=False), True),
        (Heard(signal.SIGINT, 0, to_all=True), False),
        (Heard(signal.SIGUSR1, None, to_all=False), True),
        (Heard(signal.SIGTERM, 77, to_all=False), False),  # the command's own `kill 0`
        (Heard(signal.SIGCHLD, 1, to_all=False), False),
    ],
)
def test_what_the_command_has_already_is_not_passed_on(heard: Heard, passed_on: bool) -> None:
    assert heard.is_for(77) == passed_on
