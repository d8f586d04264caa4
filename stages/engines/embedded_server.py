"""The process of one embedded model: llama.cpp's HTTP server on a free loopback port.

It takes one JSON line of settings on standard input, answers with one JSON line (its address) and
serves until standard input closes, which happens whatever ends the parent. On Linux the kernel
also kills it with its parent, since loading weights can keep Python from reading.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
from typing import Any

import xllamacpp

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until the parent lets go."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return  # it died before the kernel was asked
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the stage, which stops us
    settings = json.loads(sys.stdin.readline())
    server = xllamacpp.Server(_parameters(settings))
    print(json.dumps({"address": server.listening_address}), flush=True)
    with contextlib.suppress(OSError):
        while sys.stdin.readline():
            pass
    os._exit(0)  # the C++ server's own shutdown waits for open requests; nobody is left to answer


def _parameters(settings: dict[str, Any]) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = settings["path"]
    parameters.n_ctx = settings["num_ctx"]
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = settings["threads"]
    parameters.cpuparams_batch.n_threads = settings["threads"]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    # Any page in the user's browser could reach an open port: only who knows the key may ask.
    parameters.api_keys = [settings["api_key"]]
    parameters.ui = False
    parameters.endpoint_slots = False
    # Prompts of finished requests are not kept: prefill is measured, memory stays flat.
    parameters.cache_ram_mib = 0
    return parameters


if __name__ == "__main__":
    main()
