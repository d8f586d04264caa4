"""What a server says that it holds, asked of small servers on this machine that say all sorts."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from stages.trace.followed import Followed
from stages.trace.lanes import held
from stages.trace.lanes.held import COLUMNS, HZ, TABLE, HeldThread
from stages.trace.lanes.lane import Rows, rows_of
from tests.trace.notes import Notes

Answer = Callable[[socket.socket], None]
TINY = {
    "name": "tiny:latest", "model": "tiny:latest", "digest": "abc", "size": 300,
    "size_vram": 100, "context_length": 4096, "expires_at": "2318-01-01T00:00:00.123456789Z",
}  # fmt: skip


class Server:
    """Answers every request with the bytes of ``says``, or as the function ``says`` does."""

    def __init__(self, says: bytes | Answer) -> None:
        self.says = says
        self.requests: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection, suppress(OSError):
                    connection.settimeout(5)
                    self.requests.append(connection.recv(4096))
                    says = self.says
                    connection.sendall(says) if isinstance(says, bytes) else says(connection)


def http(body: object, status: str = "200 OK") -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


def holds(*models: dict[str, Any]) -> bytes:
    return http({"models": list(models)})


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HZ", 20.0)


class Kept(list[dict[str, Any]]):
    """Called like ``Sampler.emit``; keeps the rows of the table."""

    def __call__(self, table: str, rows: Rows) -> None:
        assert table == TABLE
        self.extend(dict(zip(COLUMNS, row, strict=True)) for row in rows_of(rows))


@contextmanager
def asking(kept: Kept, notes: Notes, *servers: str, s: float = 0.0) -> Iterator[HeldThread]:
    """The lane at work for a model ``m`` (``tiny:latest``) on each of these servers."""
    thread = HeldThread(notes, kept)
    for number, server in enumerate(servers):
        thread.follow(f"m{number or ''}", Followed("mark", None, server, ("tiny:latest",)))
    thread.start()
    try:
        yield thread
        time.sleep(s)
    finally:
        thread.stop(5)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_a_server_holds_is_a_row_each_by_the_models_key(kept: Kept, notes: Notes) -> None:
    with Server(holds(TINY, {"model": "other"})) as server:
        with asking(kept, notes, server.address):
            wait_for(lambda: len(kept) >= 2)
        assert server.requests[0].startswith(b"GET /api/ps HTTP/1.1\r\n")
    tiny, other = kept[:2]
    assert tiny["t_ns"] == other["t_ns"]
    assert abs(tiny["t_ns"] - time.monotonic_ns()) < 20e9
    centuries = tiny.pop("expires_in_s") / 31_557_600
    assert 250 < centuries < 293
    del tiny["t_ns"], other["t_ns"]
    assert tiny == {
        "server": server.address, "name": "tiny:latest", "model": "m", "digest": "abc",
        "size_bytes": 300, "vram_bytes": 100, "context_tokens": 4096,
    }  # fmt: skip
    assert {name for name, value in other.items() if value} == {"server", "name"}
    assert notes == []


def test_a_name_is_known_in_whatever_case_it_is_written(kept: Kept, notes: Notes) -> None:
    says = holds({"model": "Tiny:LATEST"})
    with Server(says) as server, asking(kept, notes, server.address):
        wait_for(lambda: kept)
    assert (kept[0]["name"], kept[0]["model"]) == ("Tiny:LATEST", "m")


def test_a_server_is_asked_about_twice_a_second(
    kept: Kept, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "HZ", HZ)
    with Server(holds(TINY)) as server, asking(kept, notes, server.address):
        wait_for(lambda: len(kept) >= 2)
    assert 0.25 < (kept[1]["t_ns"] - kept[0]["t_ns"]) / 1e9 < 2


def test_a_server_that_holds_none_gives_a_row_that_says_so(kept: Kept, notes: Notes) -> None:
    with Server(holds()) as server, asking(kept, notes, server.address):
        wait_for(lambda: kept)
    row = kept[0]
    assert {name for name, value in row.items() if value} == {"t_ns", "server"}


def test_without_an_ollama_server_nothing_is_asked_or_written(kept: Kept, notes: Notes) -> None:
    thread = HeldThread(notes, kept)
    thread.follow("m", Followed("mark"))
    thread.start()
    time.sleep(0.1)
    thread.stop(5)
    assert kept == []
    assert notes == []


def test_a_model_that_is_followed_no_longer_is_asked_about_no_longer(
    kept: Kept, notes: Notes
) -> None:
    with Server(holds(TINY)) as server, asking(kept, notes, server.address) as thread:
        wait_for(lambda: kept)
        thread.unfollow("m")
        time.sleep(0.2)
        before = len(server.requests)
        time.sleep(0.3)
        assert len(server.requests) == before


HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n"
BAD = {
    "another status": http({"models": []}, "500 Internal Server Error"),
    "no HTTP": b"220 " + b"x" * 60_000 + b"\r\n",
    "no JSON": http(b"<html>"),
    "no object": http([1]),
    "no list": http({"models": {"model": "tiny:latest"}}),
    "no models": http({"models": ["tiny:latest"]}),
    "nothing": http({}),
    "deeper than can be read": http(b'{"models":' + b"[" * 100_000),
    "a number of too many digits": http(b'{"models": [' + b"9" * 9000 + b"]}"),
    "a broken letter": http(b'{"models": [{"model": "\xff"}]}'),
    "cut short": HEADERS + b'\r\n{"models": [',
    "cut short in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
    "no end": http(b'{"models": [' + b" " * 2**21 + b"]}"),
    "more models than any memory holds": http({"models": [{}] * 10_000}),
}


@pytest.mark.parametrize("says", BAD.values(), ids=BAD)
def test_nonsense_is_one_short_event_and_no_row(kept: Kept, notes: Notes, says: bytes) -> None:
    with Server(says) as server, asking(kept, notes, server.address):
        wait_for(lambda: len(server.requests) >= 2)
    assert kept == []
    (note,) = notes
    assert note[:3] == ("lane_missing", "held", server.address)
    assert (note.detail or "").startswith("the server doesn't say what it holds: ")
    assert len(note.detail or "") < 300


def test_a_server_that_is_gone_is_one_event(kept: Kept, notes: Notes) -> None:
    with Server(holds()) as server:
        pass
    with asking(kept, notes, server.address, s=0.3):
        pass
    (note,) = notes
    assert "refused" in (note.detail or "")


def test_an_address_that_is_none_is_an_event(kept: Kept, notes: Notes) -> None:
    with asking(kept, notes, "http://127.0.0.1:99999"):
        wait_for(lambda: notes)


def test_a_server_that_comes_and_goes_is_one_event_still(kept: Kept, notes: Notes) -> None:
    with Server(http({})) as server, asking(kept, notes, server.address):
        for says, number in ((holds(TINY), 2), (http({}), 4), (holds(TINY), 6)):
            wait_for(lambda number=number: len(server.requests) >= number)
            server.says = says
        wait_for(lambda: len(server.requests) >= 7)
    assert len(kept) >= 2
    assert [note.kind for note in notes] == ["lane_missing"]


def never(connection: socket.socket) -> None:
    connection.recv(1)  # until the other side has enough


def drop_by_drop(after: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(after)
        for _ in range(500):
            connection.sendall(b" ")
            time.sleep(0.02)

    return answer


STALLS = {
    "never": never,
    "in its headers": drop_by_drop(HEADERS + b"X: "),
    "in its text": drop_by_drop(HEADERS + b"\r\n"),
}


@pytest.mark.parametrize("says", STALLS.values(), ids=STALLS)
def test_a_server_that_stalls_keeps_nobody_else_waiting(
    kept: Kept, notes: Notes, says: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "_WAIT_S", 0.1)
    with (
        Server(says) as slow,
        Server(holds(TINY)) as good,
        asking(kept, notes, slow.address, good.address, s=0.6),
    ):
        pass
    assert {row["server"] for row in kept} == {good.address}
    assert len(kept) >= 2
    assert [(note.kind, note.subject) for note in notes] == [("lane_missing", slow.address)]


LIES = [
    {"model": 7, "digest": [], "size": -1, "size_vram": 1.5, "context_length": True},
    {"model": "x" * 5000, "digest": "y" * 5000, "size": 2**63, "expires_at": "tomorrow"},
    {"model": "a\nb\ud800", "expires_at": "2025-01-01T00:00:00"},  # of no time zone
    {"model": "tiny:latest\u202e", "size": "300", "expires_at": {"deep": [1]}},
]


def test_what_is_not_as_it_should_be_is_null_and_short(kept: Kept, notes: Notes) -> None:
    with Server(holds(*LIES)) as server, asking(kept, notes, server.address):
        wait_for(lambda: len(kept) >= 4)
    found = kept[:4]
    assert {row[name] for row in found for name in COLUMNS[5:]} == {None}
    assert {row["model"] for row in found} == {None}
    assert [row["name"] and len(row["name"]) for row in found] == [None, 200, 4, 12]
    assert [row["digest"] and len(row["digest"]) for row in found] == [None, 80, None, None]
    assert notes == []


def test_the_end_does_not_wait_for_a_server(
    kept: Kept, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "_WAIT_S", 1.0)
    with Server(never) as server:
        thread = HeldThread(notes, kept)
        thread.follow("m", Followed("mark", None, server.address))
        thread.start()
        wait_for(lambda: server.requests)
        thread.stop(0.05)
        assert thread.is_alive()  # it waits for the server: left behind
        thread.join(10)
        assert not thread.is_alive()
