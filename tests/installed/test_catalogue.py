from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stages.engines.ollama_server import connect
from stages.engines.protocol import EngineError
from stages.installed.catalogue import Installed, LeftOut, catalogue
from tests.engines.fault_server import FaultServer, Reply
from tests.installed.models import SHAPE, entry, reply, serve, sha, shown


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def found(server: FaultServer) -> tuple[list[Installed], list[LeftOut]]:
    return catalogue(connect(server.address))


def reason(server: FaultServer) -> str:
    """Why the one model that the server holds is left out."""
    taken, (left,) = found(server)
    assert taken == []
    return left.reason


def test_a_model_as_the_server_describes_it(server: FaultServer) -> None:
    serve(server, (entry("m:1b", size=7), shown("w")))
    assert found(server) == (
        [
            Installed(
                tag="m:1b",
                digest=sha("m:1b"),
                weights=f"sha256:{sha('w')}",
                size_bytes=7,
                thinks=True,
                shape=SHAPE,
                context_length=131_072,
            )
        ],
        [],
    )


def test_a_model_that_does_not_think(server: FaultServer) -> None:
    serve(server, (entry("m:1b"), shown(capabilities=["completion", "tools"])))
    assert [model.thinks for model in found(server)[0]] == [False]


@pytest.mark.parametrize(
    ("listed", "described", "said"),
    [
        ({}, {"capabilities": ["embedding"]}, "doesn't answer in text (it can do: embedding)"),
        ({"remote_host": "https://example.org"}, {}, "it runs elsewhere"),
        ({}, {"remote_model": "big"}, "it runs elsewhere"),
        ({}, {"modelfile": "FROM big:cloud"}, "no weights are here"),
        ({}, {"capabilities": None}, "update Ollama"),
        ({}, {"modelfile": 5}, "can't be read: modelfile is no text"),
        ({}, {"model_info": []}, "can't be read: model_info is no object"),
        ({}, {"model_info": {"general.architecture": {}}}, "can't be read"),
    ],
)
def test_what_can_not_be_asked_here_is_left_out(
    server: FaultServer, listed: dict[str, Any], described: dict[str, Any], said: str
) -> None:
    serve(server, (entry("m:1b", **listed), shown(**described)))
    assert said in reason(server)


def test_a_second_name_of_a_model_is_left_out_and_the_explicit_one_kept(
    server: FaultServer,
) -> None:
    same = {"digest": sha("same")}
    serve(server, (entry("m:7b-q4", **same), shown()), (entry("m:latest", **same), shown()))
    taken, left = found(server)
    assert [model.tag for model in taken] == ["m:7b-q4"]
    assert left == [LeftOut("m:latest", "another name of m:7b-q4")]


@pytest.mark.parametrize("tag", ["overthink-0123456789ab:latest", "overthink-0123456789ab"])
def test_what_a_run_made_of_a_file_is_left_out_and_hides_no_other_name(
    server: FaultServer, tag: str
) -> None:
    same = {"digest": sha("same")}
    serve(server, (entry(tag, **same), None), (entry("mine:1b", **same), shown()))
    taken, (left,) = found(server)
    assert [model.tag for model in taken] == ["mine:1b"]
    assert left == LeftOut(tag, "a run made it from a GGUF file; list that under `gguf:` instead")


def test_a_name_that_is_only_alike_is_the_users(server: FaultServer) -> None:
    serve(server, (entry("overthink-mine:1b"), shown()))
    assert [model.tag for model in found(server)[0]] == ["overthink-mine:1b"]


def test_a_model_whose_description_fails_leaves_the_others(server: FaultServer) -> None:
    refused = Reply(b'{"error": "bro\\u0007ken"}', status=500)
    serve(server, (entry("longer:1b"), refused), (entry("m:1b"), shown()))
    taken, (left,) = found(server)
    assert [model.tag for model in taken] == ["m:1b"]
    assert left == LeftOut("longer:1b", "the server failed (HTTP 500): bro ken")


@pytest.mark.parametrize(
    "tag", ['m"\n  x: 1', "m\u2028", "größe:1b", "-m", "", " ", None, 5, ["m"], {"m": 1}, "m" * 300]
)
def test_a_tag_that_params_can_not_hold_is_left_out_and_shown_on_one_line(
    server: FaultServer, tag: object
) -> None:
    serve(server, (entry(tag), shown()))
    taken, (left,) = found(server)
    assert taken == []
    assert left.tag
    assert left.tag.isprintable()
    assert server.asked("/api/show") == []


@pytest.mark.parametrize("size", [None, -1, 0, 2**60, 1.5, "7", True, []])
def test_a_size_that_is_none_is_unknown(server: FaultServer, size: object) -> None:
    serve(server, (entry("m:1b", size=size), shown()))
    assert [model.size_bytes for model in found(server)[0]] == [None]


@pytest.mark.parametrize("models", [None, [], [None, 5, "m"]])
def test_no_models(server: FaultServer, models: object) -> None:
    server.always("/api/tags", reply({"models": models}))
    assert found(server) == ([], [])


@pytest.mark.parametrize(
    "answer",
    [
        reply({"models": {"m": 1}}),
        reply([]),
        Reply(b"\xff\xfe"),
        Reply(b"{" * 100_000),
        Reply(b"no", status=500),
        Reply(b'{"models": [', then="reset"),
    ],
)
def test_a_list_that_is_none_is_one_line_with_a_remedy(server: FaultServer, answer: Reply) -> None:
    server.always("/api/tags", answer)
    with pytest.raises(EngineError, match=r"doesn't list its models .*; restart it") as error:
        found(server)
    assert str(error.value).isprintable()


def test_no_server_is_said_with_the_remedy() -> None:
    with pytest.raises(EngineError, match=r"no Ollama server answers .*start Ollama with"):
        catalogue(connect("127.0.0.1:9"))
