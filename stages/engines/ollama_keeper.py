"""The process between a stage and the ``ollama serve`` that it started.

``python -m stages.engines.ollama_keeper PROGRAM ARGUMENT…`` runs the program until standard input
closes, which happens whatever ends the stage, then stops it in order. A server that was killed
leaves its runners, gigabytes each: they end here, too.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PATIENCE_S = 5.0  # a server unloads its models before it ends


def main() -> None:
    """Run the program; end with it, and it with whoever holds the other end of our input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the stage, which stops us
    server = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        preexec_fn=_ends_with(os.getpid()),  # noqa: PLW1509 (this process has no other thread yet)
    )
    threading.Thread(target=_stop_on_close, args=(server,), daemon=True).start()
    server.wait()
    if sys.platform != "win32":
        os.killpg(os.getpgrp(), signal.SIGKILL)  # the runners that it left, and this process


def _stop_on_close(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    server.terminate()
    try:
        server.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()


def _ends_with(keeper: int) -> Callable[[], None] | None:
    """What the child does before it becomes the server: on Linux it asks to end with us."""
    if sys.platform != "linux":
        return None
    kernel = ctypes.CDLL(None)

    def ask() -> None:
        kernel.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:
            os._exit(1)  # we died before the kernel was asked

    return ask


if __name__ == "__main__":
    main()
