"""A server that speaks Ollama's and llama.cpp's HTTP, and fails as it is told to.

It writes bytes to plain sockets, so that any byte can be wrong and any can be the last one::

    with FaultServer() as server:
        server.script("/api/chat", Reply(stream, keep=40, then="reset"))
        ...  # ask at server.address: the first chat is cut after 40 bytes, the next goes well
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from tests.engines.dialects import well

DRIP_S = 0.01


@dataclass(frozen=True)
class Reply:
    """One answer: ``body`` (or its first ``keep`` bytes), and ``then`` what happens.

    - ``end``: the answer ends as it should.
    - ``close``: the connection is closed, without the mark that ends a body.
    - ``reset``: the connection is reset.
    - ``stall``: nothing more comes until the client goes.
    - ``drip``: ``dripped`` comes again and again until the client goes.

    ``headers`` are further lines of the head, each with its end. ``plain`` leaves the body's end
    to the connection's, as in HTTP/1.0; ``raw`` takes ``body`` for all of the answer, status line
    and headers too.
    """

    body: bytes | Sequence[bytes] = b""
    keep: int | None = None
    then: Literal["end", "close", "reset", "stall", "drip"] = "end"
    dripped: bytes = b"\n"
    status: int = 200
    headers: str = ""
    plain: bool = False
    raw: bool = False

    @property
    def content(self) -> bytes:
        whole = self.body if isinstance(self.body, bytes) else b"".join(self.body)
        return whole[: self.keep]


class FaultServer:
    """See above. ``seen`` holds each request: its path and its JSON body."""

    def __init__(self, port: int = 0) -> None:
        self.seen: list[tuple[str, Any]] = []
        self._scripts: defaultdict[str, deque[Reply]] = defaultdict(deque)
        self._always: dict[str, Reply] = {}
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: set[socket.socket] = set()
        self._closing = False
        self.port = int(self._listener.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"

    def script(self, path: str, *replies: Reply) -> None:
        """Answer the next requests for ``path`` so, in order; those after them as usual."""
        self._scripts[path].extend(replies)

    def always(self, path: str, reply: Reply | dict[str, Any]) -> None:
        """Answer every request for ``path`` so, where no script says otherwise."""
        if isinstance(reply, dict):
            reply = Reply(json.dumps(reply).encode())
        self._always[path] = reply

    def asked(self, path: str) -> list[Any]:
        """The bodies that came to ``path``."""
        return [body for at, body in self.seen if at == path]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Be gone: nobody listens any more, and whoever is connected is cut off."""
        self._closing = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # the client may go at any time
            request = _read(connection)
            if request is not None:
                self.seen.append(request)
                _answer(connection, self._reply(request[0]))
        self._open.discard(connection)

    def _reply(self, path: str) -> Reply:
        if self._scripts[path]:
            return self._scripts[path].popleft()
        if path in self._always:
            return self._always[path]
        body = well(path)
        return Reply(b'{"error": "not found"}', status=404) if body is None else Reply(body)


def _read(connection: socket.socket) -> tuple[str, Any] | None:
    """Path and body of a request; null where the client went before it was whole."""
    content = b""
    while b"\r\n\r\n" not in content:
        if not (piece := connection.recv(65536)):
            return None
        content += piece
    head, _, body = content.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    while len(body) < int(fields.get("content-length", 0)):
        if not (piece := connection.recv(65536)):
            return None
        body += piece
    return lines[0].split()[1], json.loads(body) if body[:1] == b"{" else {}


def _answer(connection: socket.socket, reply: Reply) -> None:
    whole = reply.raw or reply.plain
    if not reply.raw:
        length = "" if reply.plain else "Transfer-Encoding: chunked\r\n"
        fields = f"Connection: close\r\n{length}{reply.headers}"
        connection.sendall(f"HTTP/1.1 {reply.status} Said\r\n{fields}\r\n".encode())
    if reply.content:
        connection.sendall(reply.content if whole else _chunk(reply.content))
    if reply.then == "end" and not whole:
        connection.sendall(_chunk(b""))
    elif reply.then == "reset":
        time.sleep(DRIP_S)  # else what was sent may be taken back with the connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif reply.then == "stall":
        connection.recv(1)
    elif reply.then == "drip":
        while True:
            connection.sendall(reply.dripped if whole else _chunk(reply.dripped))
            time.sleep(DRIP_S)


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"
