"""One at a time: whoever measures holds a lock, and whoever comes second waits and says for whom.

There are two, taken in this order: the machine's (of this user, for all projects), since another
run would be measured too, and the journal's (of this project, or whatever OVERTHINK_HOME names),
since it has one writer. The system drops both when their holder ends, however it ends.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from stages.home import home

_POLL_S = 0.5
_REMIND_S = 60.0


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Hold both locks as ``name`` (``generate MODEL``), once whoever holds them has ended."""
    with ExitStack() as stack:
        machine_folder().mkdir(mode=0o700, exist_ok=True)
        home().mkdir(parents=True, exist_ok=True)
        for folder in (machine_folder(), home()):
            stack.enter_context(_held(folder, name))
        yield


def holder(folder: Path) -> str | None:
    """Who holds the lock of ``folder``, in words; null if nobody does."""
    lock = FileLock(folder / "measuring.lock")
    try:
        with lock.acquire(timeout=0):
            return None
    except Timeout:
        return _said(folder)


def machine_folder() -> Path:
    """Where the machine's lock lies: below the system's folder for temporary files."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid()) if sys.platform != "win32" else "user"
    name = "".join(char if char.isalnum() else "_" for char in user)
    return Path(tempfile.gettempdir()) / f"overthink-{name}"


@contextmanager
def _held(folder: Path, name: str) -> Iterator[None]:
    lock = FileLock(folder / "measuring.lock")
    _wait(lock, folder, name)
    try:
        _sign(folder, name)
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / "measuring.json").unlink()
        lock.release()


def _wait(lock: FileLock, folder: Path, name: str) -> None:
    began = time.monotonic()
    reminder = began
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            now = time.monotonic()
            if now >= reminder:
                reminder = now + _REMIND_S
                waited = f" (waited {now - began:.0f} s)" if now - began >= _REMIND_S else ""
                print(f"{name}: waiting for {_said(folder)}{waited}", file=sys.stderr, flush=True)
            time.sleep(_POLL_S)
        else:
            return


def _sign(folder: Path, name: str) -> None:
    """Say who holds the lock, for those who wait."""
    said = {
        "name": name,
        "pid": os.getpid(),
        "project": os.environ.get("DVC_ROOT") or str(Path.cwd()),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    with contextlib.suppress(OSError):  # the lock holds without it
        (folder / "measuring.json").write_text(json.dumps(said), encoding="utf-8")


def _said(folder: Path) -> str:
    """Whoever signed; the signature may be a moment old, or not there yet."""
    try:
        said = json.loads((folder / "measuring.json").read_text("utf-8"))
        since = datetime.fromisoformat(said["since"])
        return (
            f"`{said['name']}` of {said['project']} (process {said['pid']}), "
            f"which measures since {since:%H:%M:%S}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return f"whoever holds {folder / 'measuring.lock'}"
