"""Names as Ollama reads them, and what their registry says, be it hostile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stages.engines.ollama_name import Name, cli, name_of
from stages.engines.ollama_registry import registered
from stages.engines.ollama_server import connect
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.registry import Registry, digest

HERE = connect("http://127.0.0.1:1")
PATH = "/v2/library/m/manifests/1b"
LAYERS = {"model": b"abc", "config": b"{}"}


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        yield registry


@pytest.mark.parametrize(
    ("tag", "name", "shown"),
    [
        ("m", Name("", "registry.ollama.ai", "library", "m", "latest"), "m:latest"),
        ("m:1b", Name("", "registry.ollama.ai", "library", "m", "1b"), "m:1b"),
        ("library/m:1B", Name("", "registry.ollama.ai", "library", "m", "1B"), "m:1b"),
        ("me/m", Name("", "registry.ollama.ai", "me", "m", "latest"), "me/m:latest"),
        ("hf.co/me/m:Q4", Name("", "hf.co", "me", "m", "Q4"), "hf.co/me/m:q4"),
        ("a:80/library/m", Name("", "a:80", "library", "m", "latest"), "a:80/library/m:latest"),
        ("http://a/b/m:1b", Name("http", "a", "b", "m", "1b"), "a/b/m:1b"),
    ],
)
def test_a_name_is_read_as_ollama_reads_it(tag: str, name: Name, shown: str) -> None:
    assert name_of(tag) == name
    assert name_of(tag).shown == shown


@pytest.mark.parametrize(
    ("tag", "insecure"),
    [
        ("127.0.0.1:5000/library/m", True),
        ("localhost/library/m", True),
        ("http://127.0.0.1:5000/library/m", True),
        ("https://127.0.0.1:5000/library/m", False),
        ("http://example.org/library/m", False),
        ("127.0.0.1.example.org/library/m", False),
        ("m", False),
    ],
)
def test_only_a_registry_on_loopback_is_asked_without_tls(tag: str, insecure: bool) -> None:
    assert name_of(tag).insecure is insecure


def test_a_command_reaches_the_models_own_server() -> None:
    assert cli(None) == "ollama"
    assert cli("http://there:1").endswith("ollama") and "http://there:1" in cli("http://there:1")


def test_a_manifest_is_known_by_its_bytes_and_as_older_versions_write_it(
    registry: Registry,
) -> None:
    compact = registry.publish("m:compact", LAYERS)
    spaced = registry.publish("m:1b", LAYERS, spaces=" ")
    found = registered(HERE, registry.tag("m:1b"))
    assert found is not None and compact != spaced
    assert (found.digest, found.rewritten) == (spaced, compact)
    assert found.is_what(spaced) and found.is_what(compact)
    assert not found.is_what(digest(b"other")) and not found.is_what(None)
    assert [(layer.digest, layer.done, layer.total) for layer in found.layers] == [
        (digest(b"abc"), 0, 3),
        (digest(b"{}"), 0, 2),
    ]


def test_what_cannot_be_asked_is_unknown(registry: Registry) -> None:
    assert registered(HERE, registry.tag("nothing:1b")) is None
    registry.publish("m:1b", LAYERS)
    elsewhere = connect("http://192.0.2.1:1")  # whose loopback is another one
    assert registered(elsewhere, registry.tag("m:1b")) is None
    registry.close()
    assert registered(HERE, registry.tag("m:1b")) is None
    assert registered(HERE, "127.0.0.1:99999/library/m") is None


GOOD: dict[str, Any] = {"layers": [{"digest": digest(b""), "size": 1}]}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>"),
        Reply(b"\xff"),
        Reply(b"[]"),
        Reply(b"{}"),
        Reply(b"[" * 100_000),
        Reply(b'{"layers": {}}'),
        Reply(b'{"layers": ["x"]}'),
        Reply(b'{"layers": [{"digest": "sha256:../../x", "size": 1}]}'),
        Reply(json.dumps({"layers": [{"digest": digest(b""), "size": -1}]}).encode()),
        Reply(json.dumps(GOOD | {"config": 7}).encode()),
        Reply(json.dumps(GOOD).encode() + b" " * 2**22),
        Reply(json.dumps(GOOD).encode(), keep=9, then="close"),
        Reply(b"", status=302, headers=f"Location: {PATH}\r\n"),
        Reply(b"", status=401),
        Reply(b"no HTTP", raw=True),
    ],
)
def test_an_answer_that_is_no_manifest_tells_nothing(server: FaultServer, reply: Reply) -> None:
    server.always(PATH, reply)
    assert registered(HERE, f"127.0.0.1:{server.port}/library/m:1b") is None
    server.always(PATH, GOOD)
    assert registered(HERE, f"127.0.0.1:{server.port}/library/m:1b") is not None


def test_a_registry_that_only_drips_is_left_in_time(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stages.engines.ollama_registry._ASK_S", 0.3)
    server.always(PATH, Reply(b"{", then="drip"))
    assert registered(HERE, f"127.0.0.1:{server.port}/library/m:1b") is None
