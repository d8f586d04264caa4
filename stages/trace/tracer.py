"""The parent's side of the sampler: starts it, tells it what to watch, ends it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from stages.errors import RunFailed
from stages.files import write_json
from stages.program import command, environment
from stages.trace.followed import Followed
from stages.trace.log import EVENT_COLUMNS, EVENTS, Format
from stages.trace.session import Session

SESSION = "session.json"
PARENT = "parent.log"
STDERR = "sampler.err"

_START_S = 60.0
_END_S = 3.0


class Tracer:
    """Traces the machine and the watched processes into ``scratch`` while the block runs.

    Entering waits until the sampler samples and raises ``RunFailed`` where it doesn't start.
    If it dies later the block goes on: ``fault`` says so, and an event ``tracer_died`` is written.
    Afterwards ``store.to_parquet`` makes the tables. One tracer a folder.
    """

    def __init__(self, scratch: Path, hz: float, session: Session) -> None:
        self._scratch = scratch.absolute()
        self._hz = hz
        self._session = session
        self._watched: dict[int, tuple[str | None, str]] = {}
        self._followed: dict[str, Followed] = {}
        self._fault: str | None = None
        self._running = False
        self._format = Format()
        self._format.declare(EVENTS, EVENT_COLUMNS)
        self.measures_energy = False

    def __enter__(self) -> Tracer:
        self._scratch.mkdir(parents=True, exist_ok=True)
        if (self._scratch / SESSION).exists():
            raise FileExistsError(f"{self._scratch} holds another session's trace")
        session = {**vars(self._session), "started_at": self._session.started_at.isoformat()}
        write_json(self._scratch / SESSION, session)
        self._start()
        return self

    def _start(self) -> None:
        with (self._scratch / STDERR).open("ab") as stderr:
            self._process = subprocess.Popen(
                command("stages.trace.sampler", str(self._scratch), str(self._hz)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                bufsize=0,
                env=environment(),
                start_new_session=True,  # a Ctrl-C at the terminal is not for the sampler
            )
        try:
            self._await_ready()
        except BaseException:
            self._stop(0)
            raise
        self._running = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        died = self.fault
        self._running = False
        code = self._stop(_END_S)
        if died is None and code != 0:
            self._fault = f"the tracer did not end in order (status {code}); {self._said()}"
        if self._fault:
            self._note("tracer_died", self._fault)

    @property
    def fault(self) -> str | None:
        """What went wrong with the tracer, in words; null while all is well."""
        if self._running and (code := self._process.poll()) is not None:
            self._running = False
            self._fault = f"the tracer ended before the run did (status {code}); {self._said()}"
        return self._fault

    def revive(self) -> None:
        """If the sampler has died, note the gap and start another that goes on in its files.

        Where that fails, ``fault`` stays and nothing more is tried.
        """
        was_running = self._running
        if self.fault is None or not was_running:
            return
        self._note("tracer_died", self._fault or "")
        self._stop(0)
        try:
            self._start()
        except (RunFailed, OSError) as error:
            self._fault = str(error)
            return
        self._note("tracer_restarted", f"after: {self._fault}")
        self._fault = None
        for pid, (model, role) in self._watched.items():
            self._tell({"watch": pid, "model": model, "role": role})
        for key, followed in self._followed.items():
            self._tell({"follow": key, **vars(followed)})
        self.settle()

    def watch(self, pid: int, model: str | None, role: str) -> None:
        """Trace a process and its children as serving ``model`` (null: our own) in ``role``.

        ``role`` is one of those in the schema. A process watched already is relabelled.
        """
        self._watched[pid] = (model, role)
        self._tell({"watch": pid, "model": model, "role": role})

    def follow(self, model: str, followed: Followed) -> None:
        """Trace the processes that do a model's work, also those that start later."""
        self._followed[model] = followed
        self._tell({"follow": model, **vars(followed)})

    def unfollow(self, model: str) -> None:
        """Read a model's processes once more, then no longer."""
        self._followed.pop(model, None)
        self._tell({"unfollow": model})

    def missing(self, lane: str, subject: str, reason: str) -> None:
        """Write down that something can't be read of ``subject``, and why."""
        self._note("lane_missing", reason, lane, subject)

    def idle(self, seconds: float) -> None:
        """Let the machine be, and note that it was: what it draws then is what it draws idle."""
        time.sleep(seconds)
        detail = "seconds before now in which nothing of ours ran"
        self._note("idle", detail, "energy", value=seconds)

    def settle(self) -> None:
        """Wait until there is a reading of now: a phase needs one on either side of it."""
        time.sleep(2 / self._hz)

    def forget(self, pid: int) -> None:
        """Read a watched process once more, then no longer, nor what was found below it."""
        self._watched.pop(pid, None)
        self._tell({"forget": pid})

    def _note(
        self,
        kind: str,
        detail: str,
        lane: str = "sampler",
        subject: str | None = None,
        value: float | None = None,
    ) -> None:
        row = (time.monotonic_ns(), kind, lane, subject, value, detail)
        with suppress(OSError), (self._scratch / PARENT).open("ab") as log:
            # Also where a line was torn, the run being worth more than a note about its trace.
            log.write(
                (self._format.header() if log.tell() == 0 else b"")
                + self._format.lines(EVENTS, [row])
            )

    def _tell(self, command: dict[str, Any]) -> None:
        # A dead sampler is no reason to end a run: fault tells.
        with suppress(BrokenPipeError, ValueError):  # a ValueError once the pipe is closed
            _pipe(self._process.stdin).write(json.dumps(command).encode() + b"\n")

    def _await_ready(self) -> None:
        said: list[bytes] = []
        # A thread, since no wait for a pipe with a time limit works on every system.
        reader = threading.Thread(
            target=lambda: said.append(_pipe(self._process.stdout).readline()), daemon=True
        )
        reader.start()
        reader.join(_START_S)
        try:
            self.measures_energy = bool(json.loads(said[0])["energy"])
        except (LookupError, ValueError) as error:
            state = "ended at once" if said else f"gave no sign of life within {_START_S:.0f} s"
            raise RunFailed(f"the tracer {state}: {self._said()}") from error

    def _stop(self, patience_s: float) -> int:
        process = self._process
        try:
            _pipe(process.stdin).close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            _pipe(process.stdout).close()
        return process.returncode

    def _said(self) -> str:
        text = (self._scratch / STDERR).read_bytes()[-2000:].decode("utf-8", "replace").strip()
        return f"its last words: {text}" if text else "it said nothing"


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # both were asked for
    return pipe
