"""What Ollama servers hold in memory, as they say: read in a thread, as a server may stall."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from stages.trace.clock import SECOND, Pacer
from stages.trace.followed import Followed
from stages.trace.lanes.lane import Emit, Note, why
from stages.trace.log import Row

TABLE = "trace_held"
COLUMNS: tuple[str, ...] = (
    "t_ns",
    "server",
    "name",
    "model",
    "digest",
    "size_bytes",
    "vram_bytes",
    "context_tokens",
    "expires_in_s",
)
TABLES = {TABLE: COLUMNS}
HZ = 2.0
_WAIT_S = 2.0
_MOST = 2**20  # bytes; a server that holds three models says a thousand
_MOST_MODELS = 100
_LONGEST = 200  # characters of a name or of a reason
_LARGEST = 2**63 - 1


class HeldThread(threading.Thread):
    """Writes ``trace_held`` twice a second for every server of a followed model, until ``stop``."""

    def __init__(self, note: Note, emit: Emit) -> None:
        super().__init__(name="held", daemon=True)
        self._note, self._emit = note, emit
        self._followed: dict[str, Followed] = {}
        # Also of models that aren't followed any more: a server lets go of them a little later.
        self._keys: dict[tuple[str | None, str], str] = {}
        self._silent: set[str] = set()
        self._begin = threading.Event()  # nothing wakes it before there is a server to ask
        self._stop_asked = threading.Event()

    def follow(self, model: str, followed: Followed) -> None:
        """From now on ask the model's server, too."""
        names = {(followed.server, name.lower()): model for name in followed.names}
        self._keys = {**self._keys, **names}
        self._followed = {**self._followed, model: followed}
        if followed.server:
            self._begin.set()

    def unfollow(self, model: str) -> None:
        """Ask its server no longer, unless it holds another followed model."""
        self._followed = {key: one for key, one in self._followed.items() if key != model}

    def stop(self, patience_s: float) -> None:
        """End; a server that is just being waited for is left."""
        self._stop_asked.set()
        self._begin.set()
        self.join(patience_s)

    def run(self) -> None:
        """Ask until told to stop."""
        self._begin.wait()
        pacer = Pacer(HZ, time.monotonic_ns())
        while not self._stop_asked.wait(max(0, pacer.deadline_ns - time.monotonic_ns()) / SECOND):
            pacer.arrive(time.monotonic_ns())
            followed = self._followed.values()
            for server in sorted({one.server for one in followed if one.server}):
                self._emit(TABLE, self._rows(server))

    def _rows(self, server: str) -> list[Row]:
        """A row for each model that the server holds; one without a name where it holds none."""
        try:
            models = _ask(server)
        except (OSError, ValueError) as error:
            if server not in self._silent:
                self._silent.add(server)  # and not told again, also if it comes and goes
                detail = f"the server doesn't say what it holds: {why(error)[:_LONGEST]}"
                self._note("lane_missing", "held", server, None, detail)
            return []
        t_ns = time.monotonic_ns()
        known = self._keys
        keys = {name: key for (place, name), key in known.items() if place == server}
        rows: list[Row] = [(t_ns, server, *_figures(model, keys)) for model in models]
        return rows or [(t_ns, server, *[None] * (len(COLUMNS) - 2))]


def _ask(server: str) -> list[dict[str, Any]]:
    """What ``GET /api/ps`` lists. Raises ``OSError`` or ``ValueError``."""
    # Only where there is a server to ask: it costs the sampler a fifth of its memory.
    import http.client  # noqa: PLC0415
    from urllib.parse import urlsplit  # noqa: PLC0415

    address = urlsplit(server)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=_WAIT_S)
    connection.connect()
    # The timeout is for each part of an answer: drop by drop, one could last for ever.
    end = threading.Timer(_WAIT_S, _hang_up, [connection.sock])
    end.daemon = True
    end.start()
    try:
        connection.request("GET", f"{address.path.rstrip('/')}/api/ps")
        response = connection.getresponse()
        content = response.read(_MOST)
    except http.client.HTTPException as error:
        raise ValueError(why(error)) from error
    finally:
        end.cancel()
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(f"HTTP {response.status}")
    try:
        models = json.loads(content)["models"]
    except (KeyError, TypeError, RecursionError):
        models = None
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        raise ValueError("it answers something else")
    if len(models) > _MOST_MODELS:
        raise ValueError(f"it lists {len(models)} models")
    return models


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        connection.shutdown(socket.SHUT_RDWR)


def _figures(model: dict[str, Any], keys: dict[str, str]) -> Iterator[Any]:
    """The columns from ``name`` on; null for what isn't as it should be."""
    name = model.get("model")
    name = name if isinstance(name, str) else None
    digest = model.get("digest")
    yield name and name[:_LONGEST]
    yield keys.get((name or "").lower())
    yield digest[:80] if isinstance(digest, str) else None
    for figure in ("size", "size_vram", "context_length"):
        yield _count(model.get(figure))
    yield _seconds_to(model.get("expires_at"))


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _LARGEST else None


def _seconds_to(moment: object) -> float | None:
    with suppress(ValueError, TypeError, OverflowError):
        found = datetime.fromisoformat(str(moment))
        return round((found - datetime.now(UTC)).total_seconds(), 3)
    return None
