"""The signals that come while a command runs, told apart by whether the command has them already.

A terminal sends its signals (Ctrl-C, a changed size, a hang-up) to every process in its foreground,
so to the command too; what one process sends another reaches only that.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

_ENDING = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGBREAK")
_OTHERS = ("SIGUSR1", "SIGUSR2", "SIGWINCH")


@dataclass(frozen=True)
class Heard:
    """A signal, its sender where the system tells, and whether the terminal sent it to all."""

    number: int
    sender: int | None
    to_all: bool

    @property
    def ends(self) -> bool:
        """Whether it asks for an end."""
        return self.number in _present(*_ENDING)

    def is_for(self, command: int) -> bool:
        """Whether this process is to pass it on: not what the command sent to all around it."""
        own = self.number in _present(*_ENDING, *_OTHERS)
        return own and not self.to_all and self.sender != command


class Signals(Protocol):
    """While the block lasts these signals are ours to take, one by one, and interrupt nothing.

    ``blocked`` is what was blocked before, as it shall be for a command that starts meanwhile.
    """

    blocked: set[int]

    def __enter__(self) -> Signals: ...

    def __exit__(self, *_: object) -> None: ...

    def next(self, patience_s: float) -> Heard | None:
        """The next signal; null if none came within ``patience_s``. A child's end is one."""


def hear() -> Signals:
    """The signals of this system."""
    return TakenSignals() if hasattr(signal, "sigtimedwait") else HandledSignals()


class TakenSignals:
    """Blocked and taken from the kernel, which says who sent each."""

    def __init__(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would never come
        self.blocked = _blocked()
        self._numbers = {signal.SIGCHLD, *_wanted()}

    def __enter__(self) -> TakenSignals:
        signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)
        return self

    def next(self, patience_s: float) -> Heard | None:
        """See ``Signals``."""
        if (info := signal.sigtimedwait(self._numbers, patience_s)) is None:
            return None
        return Heard(info.si_signo, info.si_pid, to_all=info.si_code > 0)

    def __exit__(self, *_: object) -> None:
        while self.next(0):
            pass  # a Ctrl-C too many was meant for what has ended
        signal.pthread_sigmask(signal.SIG_SETMASK, self.blocked)


class HandledSignals:
    """By handlers, which aren't told the sender: the terminal is, while we are in its foreground.

    For macOS and Windows.
    """

    def __init__(self) -> None:
        self.blocked = _blocked()
        numbers = [*_wanted(), *_present("SIGCHLD")]
        self._before: dict[int, Any] = {number: signal.getsignal(number) for number in numbers}
        self._heard: queue.SimpleQueue[int] = queue.SimpleQueue()

    def __enter__(self) -> HandledSignals:
        for number in self._before:
            signal.signal(number, self._hear)
        return self

    def next(self, patience_s: float) -> Heard | None:
        """See ``Signals``."""
        try:
            number = self._heard.get(timeout=patience_s)
        except queue.Empty:
            return None
        return Heard(number, None, to_all=_in_foreground())

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._heard.put(number)


def _blocked() -> set[int]:
    return set() if sys.platform == "win32" else signal.pthread_sigmask(signal.SIG_BLOCK, ())


def _present(*names: str) -> list[int]:
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _wanted() -> list[int]:
    """Without what whoever started us has had ignored, as nohup and ``&`` do: it stays so."""
    return [n for n in _present(*_ENDING, *_OTHERS) if signal.getsignal(n) is not signal.SIG_IGN]


def _in_foreground() -> bool:
    if sys.platform == "win32":
        return True  # a console's Ctrl-C goes to all of its processes
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
