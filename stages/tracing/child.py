"""A command as a child of this process: started as it would be without it, and waited for.

It gets this process's standard input, output and error, its other inherited files, its process
group and its environment. No shell is between.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Protocol

from stages.tracing.usage import Usage, reap

NOT_FOUND, NOT_EXECUTABLE = 127, 126


class CannotStart(Exception):  # noqa: N818 (it names an outcome)
    """The command isn't there or can't be run; ``status`` is what a shell would give."""

    def __init__(self, command: str, error: OSError) -> None:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
        self.status = NOT_FOUND if missing else NOT_EXECUTABLE
        remedy = (
            "give its path, or a name that is in PATH"
            if missing
            else "see that this user may execute it and that it is a program of this system"
        )
        super().__init__(f"trace: {command!a} can't be run: {error.strerror}; {remedy}")


class Child(Protocol):
    """A command that runs."""

    pid: int

    def ended(self) -> bool:
        """Whether it has ended. It stays a zombie, for its last reading, until ``reap``."""

    def send(self, number: int) -> None:
        """Send it a signal, before ``reap``."""

    def reap(self) -> tuple[int, Usage | None]:
        """Its exit status (-N: killed by signal N) and what it used, where the system tells."""


def start(command: Sequence[str], blocked: Collection[int]) -> Child:
    """Run a command with these signals blocked. Raises ``CannotStart``."""
    try:
        return _Popened(command) if sys.platform == "win32" else _Spawned(command, blocked)
    except OSError as error:
        raise CannotStart(command[0], error) from error


class _Spawned:
    def __init__(self, command: Sequence[str], blocked: Collection[int]) -> None:
        try:
            self.pid = _spawn(command, blocked)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            # A script whose first line names no interpreter: execvp(3) would give it to sh.
            script = shutil.which(command[0]) or command[0]
            self.pid = _spawn(["/bin/sh", script, *command[1:]], blocked)
        self._reaped: tuple[int, Usage] | None = None

    def ended(self) -> bool:
        if hasattr(os, "waitid"):
            options = os.WEXITED | os.WNOWAIT | os.WNOHANG
            return os.waitid(os.P_PID, self.pid, options) is not None
        self._reaped = self._reaped or reap(self.pid, os.WNOHANG)  # macOS before Python 3.13
        return self._reaped is not None

    def send(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):  # it may be another user's by now
            os.kill(self.pid, number)

    def reap(self) -> tuple[int, Usage | None]:
        self._reaped = self._reaped or reap(self.pid)
        assert self._reaped is not None  # it was waited for until it ended
        return self._reaped


def _spawn(command: Sequence[str], blocked: Collection[int]) -> int:
    # Python itself ignores these two, which a command would inherit.
    usual = (signal.SIGPIPE, signal.SIGXFSZ)
    words = list(command)
    if not words[0]:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return os.posix_spawnp(words[0], words, os.environ, setsigmask=blocked, setsigdef=usual)


class _Popened:
    """Where there is no fork: Windows, which keeps no sum of what a command's children used."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command)
        self.pid = self._process.pid

    def ended(self) -> bool:
        return self._process.poll() is not None

    def send(self, number: int) -> None:
        """A console gives its signals to the command itself, and nobody else can send one."""

    def reap(self) -> tuple[int, Usage | None]:
        return self._process.wait(), None
