"""A proxy in front of a server that drops, stalls and lies in the midst of an answer."""

from __future__ import annotations

import socket
import threading
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

Mischief = Literal["drop", "stall", "lie"]


class Proxy:
    """Passes on every byte, but does ``mischief`` to the first answers to ``path``, in order.

    ``drop`` cuts the connection after ``after`` bytes of the answer, ``stall`` sends no more of it,
    and ``lie`` sends other bytes in their place. ``done`` is what was done so far.
    """

    def __init__(self, port: int, path: str, after: int, *mischief: Mischief) -> None:
        self.done: list[Mischief] = []
        self._port, self._path, self._after = port, path.encode(), after
        self._planned = deque(mischief)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends = threading.Event()
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._port)) as real:
            first = client.recv(65536)
            real.sendall(first)
            threading.Thread(target=_pass_on, args=(client, real), daemon=True).start()
            wanted = first.split(b" ", 2)[1:2] == [self._path] and self._planned
            self._answer(real, client, self._planned.popleft() if wanted else None)

    def _answer(self, real: socket.socket, client: socket.socket, what: Mischief | None) -> None:
        sent = 0
        while data := real.recv(65536):
            if what and sent + len(data) > self._after:
                self.done.append(what)
                if what == "drop":
                    client.shutdown(socket.SHUT_RDWR)  # also for the thread that reads from it
                    return
                if what == "stall":
                    self._ends.wait(30)
                    return
                data, what = bytes(byte ^ 1 for byte in data), None
            client.sendall(data)
            sent += len(data)


def _pass_on(client: socket.socket, real: socket.socket) -> None:
    with suppress(OSError):
        while data := client.recv(65536):
            real.sendall(data)
        real.shutdown(socket.SHUT_WR)
