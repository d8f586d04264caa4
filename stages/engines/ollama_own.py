"""An Ollama server of our own: the installed ``ollama``, started for as long as a stage lasts."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from stages.engines.ollama_server import connect, version_of
from stages.engines.protocol import EngineError
from stages.engines.untrusted import words
from stages.program import command, environment

TOOLS = ".tools"
"""Where ``make ollama`` puts a server, from the project's root."""
_START_S = 60.0
_STOP_S = 10.0  # longer than the keeper's own patience
_ASK_S = 10.0
_DIE_S = 3.0
_LAST_BYTES = 2**16
_VERSION = re.compile(r"client version is (\d\S*)")
# Nothing leaves the machine; and the pieces of an interrupted download outlive a restart.
_SETTINGS = {"OLLAMA_NO_CLOUD": "1", "OLLAMA_NOPRUNE": "1"}
# A roster may be longer than the three that it keeps by itself; memory still bounds it.
_UNLESS_CHOSEN = {"OLLAMA_MAX_LOADED_MODELS": "16"}


def installed() -> Path | None:
    """The ``ollama`` on PATH, else the project's own; null where there is none."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), TOOLS])
    found = shutil.which("ollama", path=places)
    return Path(found).absolute() if found else None


def installed_version(program: Path) -> str | None:
    """What ``version_of`` would say once it is started; null where the program doesn't say it."""
    # Whoever listens at the usual address must not answer in its place.
    environment = os.environ | {"OLLAMA_HOST": f"127.0.0.1:{free_port()}"}
    try:
        said = subprocess.run(
            [program, "--version"], env=environment, capture_output=True, timeout=_ASK_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search((said.stdout + said.stderr).decode("utf-8", "replace"))
    return f"ollama {found[1]}" if found else None


def free_port(wanted: int = 0) -> int:
    """``wanted`` where nobody holds it, else one that nobody holds now."""
    with socket.socket() as probe:
        if os.name == "posix":  # as the server itself will do; on Windows this would steal a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnServer:
    """One server on loopback, with this process's environment: the user's models and settings.

    ``log`` is where its own words go. It ends with this process, whatever ends that.
    """

    def __init__(self, program: Path, port: int, log: Path) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as words_of_its_own:
            self._begins_at = words_of_its_own.tell()
            self._keeper = subprocess.Popen(
                command("stages.engines.ollama_keeper", str(program), "serve"),
                stdin=subprocess.PIPE,
                stdout=words_of_its_own,
                stderr=words_of_its_own,
                env=_UNLESS_CHOSEN
                | environment()
                | _SETTINGS
                | {"OLLAMA_HOST": f"127.0.0.1:{port}"},
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._keeper.poll() is None

    def ends(self) -> bool:
        """Whether it ends within moments by itself."""
        try:
            self._keeper.wait(_DIE_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait(self) -> None:
        """Return once it answers. Raises ``EngineError``, and then it is stopped."""
        deadline = time.monotonic() + _START_S
        while True:
            try:
                version_of(connect(self.address))
            except EngineError as error:
                if error.fault == "connection" and self.alive and time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                ended = not self.alive
                self.stop()
                if ended:
                    said = f"the ollama that was started ended at once: {self._last_words()}"
                    raise EngineError(f"{said} (its log: {self._log})", "failed") from error
                raise
            return

    def stop(self) -> None:
        """End it and its runners; returns when they have ended."""
        assert self._keeper.stdin is not None
        with contextlib.suppress(OSError):
            self._keeper.stdin.close()
        try:
            self._keeper.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            if sys.platform == "win32":
                self._keeper.kill()
            else:
                os.killpg(self._keeper.pid, signal.SIGKILL)  # the server and its runners, too
            self._keeper.wait()

    def _last_words(self) -> str:
        with self._log.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(self._begins_at, end - _LAST_BYTES))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
        errors = [line for line in lines if "rror" in line]
        return words((errors or lines or ["it said nothing"])[-1])
