"""Every way in which an answer fails, on both engines, over real connections."""

from __future__ import annotations

import gzip

import pytest

from stages.engines.protocol import PASSING, Running
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.engines.dialects import FIRST, LLAMA, OLLAMA, event, part, stream
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import QUESTION, Alive, ask, model_at

both = pytest.mark.parametrize("path", [OLLAMA, LLAMA])


@both
def test_a_whole_answer(path: str, model: Running) -> None:
    text, outcome = ask(model)
    assert (text, outcome.stop, outcome.fault, outcome.reason) == ("four", "stop", None, None)
    assert (outcome.prefill_ns, outcome.decode_ns) == (2_000_000, 3_000_000)
    assert (outcome.prompt_tokens, outcome.output_tokens) == (4, 2)


@both
@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("more", [0, 20])
def test_a_lost_connection_keeps_what_came(
    path: str, server: FaultServer, model: Running, then: str, after: int, more: int
) -> None:
    whole = stream(path)
    keep = len(b"".join(whole[:after])) + more
    server.script(path, Reply(whole, keep=keep, then=then))  # type: ignore[arg-type]
    text, outcome = ask(model)
    assert (text, outcome.stop, outcome.fault) == ("fo" * after, "error", "reset")
    assert "the connection was lost" in (outcome.reason or "")


@both
def test_a_connection_that_is_lost_before_any_answer(
    path: str, server: FaultServer, model: Running
) -> None:
    server.script(path, Reply(b"HTTP/1.1 200 O", raw=True, then="close"))
    assert ask(model)[1].fault == "reset"


@both
def test_the_next_try_goes_well(path: str, server: FaultServer, model: Running) -> None:
    server.script(path, Reply(stream(path), keep=40, then="reset"))
    assert ask(model)[1].fault in PASSING
    assert ask(model)[0] == "four"


@both
def test_a_server_that_is_gone_and_comes_back(
    path: str, server: FaultServer, model: Running
) -> None:
    server.close()
    text, outcome = ask(model)
    assert (text, outcome.stop, outcome.fault) == ("", "error", "connection")
    assert f"nobody answers at 127.0.0.1:{server.port}" in (outcome.reason or "")
    with FaultServer(server.port):
        assert ask(model)[1].stop == "stop"


@both
@pytest.mark.parametrize(
    ("status", "fault", "said"),
    [
        (500, "failed", "the server failed (HTTP 500): no memory"),
        (502, "failed", "(HTTP 502)"),
        (503, "busy", "asks to come back later (HTTP 503)"),
        (429, "busy", "(HTTP 429)"),
        (400, "rejected", "won't answer this request (HTTP 400): no memory"),
        (404, "rejected", "(HTTP 404)"),
        (302, "rejected", "(HTTP 302)"),
        (204, "garbage", "(HTTP 204)"),
    ],
)
def test_a_refusal(
    path: str, server: FaultServer, model: Running, status: int, fault: str, said: str
) -> None:
    server.script(path, Reply(b'{"error": {"message": "no \\u0007 memory"}}', status=status))
    text, outcome = ask(model)
    assert (text, outcome.stop, outcome.fault) == ("", "error", fault)
    assert said in (outcome.reason or "")


@both
def test_a_web_page_is_named_and_not_shown(path: str, server: FaultServer, model: Running) -> None:
    server.script(path, Reply(b"\n<!DOCTYPE HTML><html><h1>Not here</h1></html>", status=404))
    assert ask(model)[1].reason == (
        "the server won't answer this request (HTTP 404): it sent a web page"
    )


@both
@pytest.mark.parametrize(
    ("bad", "fault", "said"),
    [
        (b'{"error": "out of memory"}', "reported", "reported: out of memory"),
        (b'{"error": {"message": ["a"], "code": 500}}', "reported", "reported: ['a']"),
        (b"<html>", "garbage", "malformed"),
        (b"[1]", "garbage", "no JSON object"),
        (b"7", "garbage", "no JSON object"),
        (b"[" * 100_000, "garbage", "nested too deeply"),
        (b'"' + b"\xff" + b'"', "garbage", "no UTF-8"),
        (b"1" * 5000, "garbage", "malformed"),
        (b" " * 2**21, "garbage", "over 1048576 bytes"),
    ],
)
def test_what_the_protocol_does_not_know(
    path: str, server: FaultServer, model: Running, bad: bytes, fault: str, said: str
) -> None:
    line = (b"data: " if path == LLAMA else b"") + bad + b"\n"
    server.script(path, Reply([FIRST[path], line, *stream(path)]))
    text, outcome = ask(model)
    assert (text, outcome.stop, outcome.fault) == ("fo", "error", fault)
    assert said in (outcome.reason or "")
    assert len(outcome.reason or "") < 500


@both
@pytest.mark.parametrize("raw", [b"garbage\r\n\r\n", b"HTTP/9 200 OK\r\n\r\n", b"\0" * 200_000])
def test_what_is_no_http(path: str, server: FaultServer, model: Running, raw: bytes) -> None:
    server.script(path, Reply(raw, raw=True, then="close"))
    assert ask(model)[1].fault == "garbage"


@both
def test_a_packed_body_is_not_unpacked(path: str, server: FaultServer, model: Running) -> None:
    packed = gzip.compress(b"".join(stream(path)))
    server.script(path, Reply(packed + b"\n", headers="Content-Encoding: gzip\r\n"))
    assert ask(model)[1].fault == "garbage"


@both
def test_no_redirection_is_followed(path: str, server: FaultServer, model: Running) -> None:
    server.script(path, Reply(b"", status=307, headers="Location: /elsewhere\r\n"))
    assert ask(model)[1].fault == "rejected"
    assert not server.asked("/elsewhere")


@both
@pytest.mark.parametrize("plain", [True, False])
def test_a_stream_without_its_final_chunk(
    path: str, server: FaultServer, model: Running, plain: bool
) -> None:
    server.script(path, Reply(FIRST[path], plain=plain))
    text, outcome = ask(model)
    assert (text, outcome.stop, outcome.fault) == ("fo", "error", "unfinished")
    assert "without its final chunk" in (outcome.reason or "")


@both
@pytest.mark.parametrize("how", ["load", "unload", "tool_calls", 7])
def test_an_end_that_ends_no_answer(
    path: str, server: FaultServer, model: Running, how: object
) -> None:
    end = part(done=True, done_reason=how) if path == OLLAMA else event(finish=how)  # type: ignore[arg-type]
    server.script(path, Reply([FIRST[path], end]))
    assert ask(model)[1].fault == "unfinished"


@both
def test_an_interruption_passes_through(path: str, model: Running) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.ask(QUESTION, interrupt)


def test_figures_that_came_are_kept_with_a_fault(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    server.script(LLAMA, Reply(event("fo", 1), then="reset"))
    with model_at(LLAMA, server, manifest, asking, limits) as model:
        outcome = ask(model)[1]
    assert (outcome.fault, outcome.prompt_tokens, outcome.output_tokens) == ("reset", 4, 1)


def test_a_process_that_died_is_named_as_the_cause(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    server.script(LLAMA, Reply(event("fo", 1), then="reset"))
    dead = Alive(dead="killed by signal 9")
    with model_at(LLAMA, server, manifest, asking, limits, dead) as model:
        text, outcome = ask(model)
        assert (text, outcome.fault, outcome.reason) == ("fo", "reset", "killed by signal 9")
        server.close()
        assert ask(model)[1].fault == "reset"
