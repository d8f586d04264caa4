"""Ctrl-C while a model answers: what is nearly done may finish, and is kept."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

PATIENCE_S = 2.0


class Interruption:
    """Whether the user wants to stop. The second Ctrl-C, or ``PATIENCE_S``, stops at once."""

    def __init__(self) -> None:
        self._asked = False
        self._timer: threading.Timer | None = None

    def check(self) -> None:
        """Between two responses: raise ``KeyboardInterrupt`` if the user wants to stop."""
        if self._asked:
            self._stop()

    def heard(self, _signal: int, _frame: FrameType | None) -> None:
        """The handler of SIGINT."""
        if self._asked:
            self._stop()
        self._asked = True
        self._timer = threading.Timer(PATIENCE_S, _interrupt_main)
        self._timer.daemon = True
        self._timer.start()
        with suppress(RuntimeError):  # it may come in the midst of another print
            print("stopping: what is nearly done may still finish", file=sys.stderr, flush=True)

    def end(self) -> None:
        """No second signal comes after this."""
        if self._timer:
            self._timer.cancel()

    def _stop(self) -> NoReturn:
        self.end()  # models are unloaded now, and the tracer ends: in order, and in peace
        raise KeyboardInterrupt


@contextmanager
def patiently() -> Iterator[Interruption]:
    """Let SIGINT stop this block between two responses, or in the midst of one that takes long.

    Elsewhere than in the main thread signals are not ours to handle, and nothing changes.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = signal.signal(signal.SIGINT, interruption.heard)
    try:
        yield interruption
    finally:
        interruption.end()
        signal.signal(signal.SIGINT, before)


def _interrupt_main() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # a signal to that very thread also wakes it from waiting for a server
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
