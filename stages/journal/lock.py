"""One at a time: whoever measures holds a lock, and whoever comes second waits and says for whom.

There are two, taken in this order: the machine's (of this user, for all projects), since another
run would be measured too, and the journal's (of this project, or whatever OVERTHINK_HOME names),
since it has one writer. The system drops both when their holder ends, however it ends.

Containers on one machine don't see each other's: give them a common folder as OVERTHINK_LOCKS.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from stages.errors import UserError
from stages.files import write_json
from stages.home import home

_POLL_S = 0.5
_REMIND_S = 60.0


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Hold both locks as ``name`` (``generate MODEL``), once whoever holds them has ended."""
    with ExitStack() as stack:
        machine = machine_folder()
        machine.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_own(machine)
        home().mkdir(parents=True, exist_ok=True)
        for folder in (machine, home()):
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
    """Where the machine's lock lies: always in one place, whatever a shell or a job sets."""
    if chosen := os.environ.get("OVERTHINK_LOCKS"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(tempfile.gettempdir()) / "overthink"  # it is the user's own there
    return Path("/tmp") / f"overthink-{os.getuid()}"  # noqa: S108 (see _check_own)


def _check_own(folder: Path) -> None:
    """Anybody may make a folder in /tmp, with links in it to what they can't reach themselves."""
    if sys.platform == "win32" or "OVERTHINK_LOCKS" in os.environ:
        return
    found = folder.lstat()
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or shared:
        raise UserError(
            f"{folder} isn't a folder that only this user can write to; remove it, or name "
            "another place in OVERTHINK_LOCKS"
        )


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
        write_json(folder / "measuring.json", said)


def _said(folder: Path) -> str:
    """Whoever signed; the signature may be a moment old, or not there yet."""
    try:
        said = json.loads((folder / "measuring.json").read_text("utf-8"))
        since = datetime.fromisoformat(said["since"])
        return (
            f"`{said['name']}` of {said['project']} (process {said['pid']}), "
            f"since {since:%Y-%m-%d %H:%M:%S}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return f"whoever holds {folder / 'measuring.lock'}"
