"""A stage ends with the DVC that started it.

When ``dvc`` is killed with SIGKILL nothing tells its stage, which would go on for hours as an
orphan while the next ``dvc repro`` starts a second one. So the stage looks.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Sequence

import psutil

from stages import STARTED_BY

PERIOD_S = 0.5
GRACE_S = 3.0


def watch_parents() -> None:
    """Under DVC, unwind this process like Ctrl-C once DVC is gone; after ``GRACE_S`` just end.

    Raises ``KeyboardInterrupt`` where it is gone already.
    """
    if "DVC_ROOT" not in os.environ:
        return  # started by hand: the terminal and its signals decide
    # DVC runs a stage through a shell, which may stay in between or become the stage itself.
    watched = psutil.Process().parents()[:2]
    if watched and not _is_shell(watched[0]):
        watched = watched[:1]
    if os.getppid() != STARTED_BY or not watched or _adopts(watched[-1]):
        raise KeyboardInterrupt
    threading.Thread(target=_watch, args=(watched,), name="lifeline", daemon=True).start()


def _watch(watched: Sequence[psutil.Process]) -> None:
    while all(_alive(process) for process in watched):
        time.sleep(PERIOD_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


def _adopts(process: psutil.Process) -> bool:
    """Whether this is the system's first process, which takes over what has lost its parent.

    In a container DVC, or a shell that runs it, may be that first process itself.
    """
    if process.pid != 1:
        return False
    with contextlib.suppress(psutil.Error):
        return not (_is_shell(process) or process.name().startswith(("python", "pypy", "dvc")))
    return True


def _alive(process: psutil.Process) -> bool:
    """A zombie is dead: whoever should collect it may be slow."""
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _is_shell(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.name() in {"sh", "bash", "dash", "zsh", "fish", "ksh", "cmd.exe"}
    return False
