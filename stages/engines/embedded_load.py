"""Loading a model into a process of its own, and a client that may ask it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from stages.engines.embedded_process import ServerProcess
from stages.engines.exchange import FRESH, fetch
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault

_HEALTH_S = 30.0


@dataclass(frozen=True)
class Load:
    """What to load, and how: ``mark`` stands in the process's command line, by which it is found.

    ``num_ctx`` in tokens; ``log`` takes what the process says.
    """

    path: Path
    num_ctx: int
    threads: int
    mark: str
    log: Path


@contextmanager
def load(wanted: Load) -> Iterator[tuple[httpx.Client, ServerProcess]]:
    """A client and the process that it asks, which ends with the block. Raises ``EngineError``."""
    api_key = secrets.token_urlsafe(24)
    process = ServerProcess(wanted.log, wanted.mark)
    try:
        address = process.load(
            {
                "path": str(wanted.path),
                "num_ctx": wanted.num_ctx,
                "threads": wanted.threads,
                "api_key": api_key,
            }
        )
        with httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {api_key}"},
            limits=FRESH,
            trust_env=False,  # a proxy from the environment has no business on loopback
        ) as client:
            _check_health(client, process)
            yield client, process
    finally:
        process.stop()


def _check_health(client: httpx.Client, process: ServerProcess) -> None:
    try:
        fetch(client, "GET", "/health", None, _HEALTH_S)
    except StreamFault as fault:
        if fault.fault in ("connection", "reset"):
            raise process.failure() from fault
        raise EngineError(f"the model's server isn't well: {fault.reason}", fault.fault) from fault
