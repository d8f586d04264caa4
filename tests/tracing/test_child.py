"""Commands started both ways, and what the kernel says they used."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence

import pytest

from stages.tracing import child as module
from stages.tracing.child import CannotStart, Child, start
from tests.tracing.traces import usage

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")


def spawned(command: Sequence[str]) -> Child:
    return start(command, ())


def popened(command: Sequence[str]) -> Child:
    return module._Popened(command)


def reaped(child: Child) -> int:
    until = time.monotonic() + 30
    while not child.ended():
        assert time.monotonic() < until
        time.sleep(0.01)
    assert child.ended()  # asking again changes nothing
    return child.reap()[0]


@pytest.mark.parametrize("run", [spawned, popened])
def test_its_end_is_seen_and_its_status_kept(run: Callable[[Sequence[str]], Child]) -> None:
    child = run(["sh", "-c", "sleep 0.2; exit 3"])
    assert not child.ended()
    assert reaped(child) == 3


def test_a_signal_reaches_it_until_it_is_waited_for() -> None:
    child = spawned(["sleep", "60"])
    child.send(signal.SIGKILL)
    assert reaped(child) == -signal.SIGKILL


def test_it_ignores_no_signal_that_it_would_not_ignore_without_us() -> None:
    assert reaped(spawned(["sh", "-c", "kill -PIPE $$"])) == -signal.SIGPIPE


@pytest.mark.parametrize(
    ("command", "status"), [("no-such-command", 127), ("/etc/passwd/x", 127), ("/", 126), ("", 127)]
)
def test_what_cannot_be_run_has_a_shells_status(command: str, status: int) -> None:
    with pytest.raises(CannotStart, match="can't be run") as raised:
        spawned([command])
    assert raised.value.status == status


def test_use_adds_up_but_for_the_largest() -> None:
    one = usage(user_s=1.0, minor_faults=2, largest_bytes=50, written_chars=7)
    other = usage(user_s=0.5, minor_faults=3, largest_bytes=40, written_chars=8)
    both = one + other
    assert (both.user_s, both.minor_faults, both.largest_bytes) == (1.5, 5, 50)
    assert both.written_chars == 15
    unknown = usage(written_chars=None, io_reason="denied")
    assert (one + unknown).written_chars is None
    assert (one + unknown).io_reason == "denied"
    assert (unknown + unknown).largest_bytes is None
