"""The embedded engine's process: started, handed its settings, watched, stopped."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from stages.engines.protocol import EngineError, Fault
from stages.engines.untrusted import words
from stages.program import command, environment

START_S = 600.0  # a 40 GB file from a slow disk
_STOP_S = 2.0
_DIE_S = 1.0  # from a lost connection to an exit status; the kernel closes sockets first
_LAST_BYTES = 2**16


class ServerProcess:
    """One process of ``embedded_server.py``; ``log`` is where its own words go.

    ``mark`` stands in its command line, by which the tracer finds it.
    """

    def __init__(self, log: Path, mark: str) -> None:
        self._log = log
        with log.open("ab") as words_of_its_own:
            self._begins_at = words_of_its_own.tell()
            self._process = subprocess.Popen(
                command("stages.engines.embedded_server", mark),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words_of_its_own,
                env=environment(),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    def load(self, settings: dict[str, Any]) -> str:
        """Hand over the settings and wait for the address. Raises ``EngineError``."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        too_slow = threading.Event()
        timer = threading.Timer(START_S, self._give_up, [too_slow])
        timer.start()
        try:
            stdin.write(json.dumps(settings).encode() + b"\n")
            stdin.flush()
            return str(json.loads(stdout.readline())["address"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            if too_slow.is_set():
                raise EngineError(
                    f"the model wasn't loaded within {START_S:g} s", "deadline"
                ) from error
            raise self.failure() from error
        finally:
            timer.cancel()

    def failure(self) -> EngineError:
        """Why it couldn't load the model: what it said last, or what killed it.

        A process that was killed may do better when it is tried again; one that gave up by itself
        finds the same file and the same settings.
        """
        status = self._status()
        if status is not None and status < 0:
            return EngineError(f"the model couldn't be loaded: {_killed(-status)}", "reset")
        fault: Fault | None = "failed" if status is None else None
        return EngineError(f"the model couldn't be loaded: {self._last_words()}", fault)

    def death(self) -> str | None:
        """What ended the process, once it is lost; null where it lives on."""
        status = self._status()
        if status is None:
            return None
        if status < 0:
            return _killed(-status)
        return f"the engine's process ended by itself (status {status}): {self._last_words()}"

    def stop(self) -> None:
        """End it: in order within two seconds, else at once."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # unsent bytes to a process that has died
                    pipe.close()
        if self._status(_STOP_S) is None:
            self._process.kill()
            self._process.wait()

    def _status(self, patience_s: float = _DIE_S) -> int | None:
        try:
            return self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return None

    def _give_up(self, too_slow: threading.Event) -> None:
        too_slow.set()
        self._process.kill()

    def _last_words(self) -> str:
        with self._log.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(self._begins_at, end - _LAST_BYTES))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
        errors = [line for line in lines if " E " in line or "rror" in line]
        return words((errors or lines or ["it said nothing"])[-1])


def _killed(number: int) -> str:
    memory = ", often for want of memory" if number == signal.SIGKILL else ""
    return f"the engine's process was killed by signal {number}{memory}"
