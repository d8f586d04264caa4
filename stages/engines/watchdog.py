"""Holds one request to its time, also while its socket is being read and nothing comes."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any, Literal, Self

from stages.engines.stream import StreamFault
from stages.plans.units import Limits

_LONGEST_WAIT_S = 1e6  # sockets count milliseconds in 31 bits


class Watchdog:
    """Cuts a request's connection ``stall_s`` after the last text, and at ``deadline``.

    ``deadline`` is a time of ``time.monotonic``, ``timeout_s`` after the response's first request.
    Whatever bytes come without text, in whatever rhythm, don't count. The reader wakes as if the
    server had hung up; ``check`` then says why.
    """

    def __init__(self, limits: Limits, deadline: float) -> None:
        self._limits, self._deadline = limits, deadline
        self._last = time.monotonic()
        self._socket: socket.socket | None = None
        self._cause: Literal["stall", "deadline"] | None = None
        self._ended = False
        self._state = threading.Condition()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._state:
            self._ended = True
            self._state.notify()
        self._thread.join()
        if self._socket:
            self._socket.close()

    def heard(self) -> None:
        """Text has come: the next piece has ``stall_s`` again."""
        self._last = time.monotonic()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take hold of the connection: this is the hook that httpx calls ``trace``."""
        if not event.endswith(".connect_tcp.complete"):
            return
        found = info["return_value"].get_extra_info("socket")
        with self._state:
            # A handle of its own: the reader may close the other at any time, and its number
            # then belongs to somebody else.
            self._socket = socket.fromfd(found.fileno(), found.family, found.type)
            self._cut_if_due()

    @property
    def left_s(self) -> float:
        """The longest that a single wait of the reader makes sense, s; never 0."""
        return max(0.001, min(self._due - time.monotonic(), _LONGEST_WAIT_S))

    def check(self) -> None:
        """Raise ``StreamFault`` if the time is over."""
        with self._state:
            self._cut_if_due()
            if self._cause == "stall":
                raise StreamFault("stall", f"no text for {self._limits.stall_s:g} s (stall_s)")
            if self._cause == "deadline":
                raise StreamFault(
                    "deadline", f"not finished after {self._limits.timeout_s:g} s (timeout_s)"
                )

    @property
    def _due(self) -> float:
        return min(self._deadline, self._last + self._limits.stall_s)

    def _watch(self) -> None:
        with self._state:
            while not self._ended and not self._cause:
                self._state.wait(self.left_s)
                self._cut_if_due()

    def _cut_if_due(self) -> None:
        due = self._due
        if self._cause is None and time.monotonic() >= due:
            self._cause = "deadline" if due == self._deadline else "stall"
        if self._cause and self._socket:
            with suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)
