"""The processes behind an Ollama server, as far as they can be seen from here."""

from __future__ import annotations

import contextlib
import platform

import psutil

from stages.trace.nvml import gpu_names

_BY_DEFAULT = 3
_END_S = 5.0


def server_process(port: int) -> int | None:
    """The process that listens at a port of this machine; null where it is out of sight."""
    for process in psutil.process_iter(["name"]):
        if "ollama" not in (process.info["name"] or "").lower():
            continue
        with contextlib.suppress(psutil.Error):
            for entry in process.net_connections("tcp"):
                if entry.status == psutil.CONN_LISTEN and entry.laddr.port == port:
                    return int(process.pid)
    return None


def models_limit(server: int | None) -> int | None:
    """How many models a server's process keeps in memory at once; null where that is unknown.

    OLLAMA_MAX_LOADED_MODELS says it, else three a GPU, or three on the CPU.
    """
    if server is None:
        return None
    with contextlib.suppress(psutil.Error):
        chosen = psutil.Process(server).environ().get("OLLAMA_MAX_LOADED_MODELS", "").strip("\"' ")
        limit = int(chosen) if chosen.isdecimal() else 0
        return limit or _BY_DEFAULT * max(1, len(gpu_names()[0]))
    return None


def await_runners_end(server: int | None) -> None:
    """Wait a little for the processes of models that were unloaded to give their memory back."""
    with contextlib.suppress(psutil.Error):
        if server is not None:
            psutil.wait_procs(psutil.Process(server).children(), timeout=_END_S)


def in_sight(mark: str) -> bool:
    """Whether any process shows ``mark`` in its command line."""
    return any(
        mark in word
        for process in psutil.process_iter(["cmdline"])
        for word in process.info["cmdline"] or []
    )


def why_unseen(place: str | None) -> str:
    """Why no process of this machine does a model's work; ``place``: the server is elsewhere."""
    kept = "what the server says of itself and the counters of this machine as a whole remain"
    if place:
        return f"the server {place} is another machine, whose processes can't be read from here"
    if "microsoft" in platform.release().lower():
        return (
            "no process here does its work, as Ollama runs on the Windows host, outside WSL; "
            f"{kept}; run both inside WSL or both outside"
        )
    return (
        "no process in sight does its work, as its server runs in a container or virtual machine "
        f"of its own or hides from other users; {kept}; run Overthink where the server runs, "
        "or as the same user"
    )
