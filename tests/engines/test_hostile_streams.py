"""Whatever bytes a server sends, asking gives an outcome and never an exception."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.engines.protocol import Chunk, Fault, Outcome, Running
from tests.engines.dialects import LAST, LLAMA, OLLAMA, event, part, stream
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import QUESTION

PIECES = ("héllo ", "wörld ", "😀")
WHOLE = "".join(PIECES)
SIZES = {path: len(b"".join(stream(path, PIECES))) for path in (OLLAMA, LLAMA)}
HEAD = b"HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n"

both = pytest.mark.parametrize("path", [OLLAMA, LLAMA])
many = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # one server serves all examples
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62, max_value=2**1100)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["\ud800", "\0", "stop", "length"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)


def asked(model: Running) -> tuple[str, Outcome]:
    """The text and the outcome, both checked against what the protocol promises."""
    chunks: list[Chunk] = []
    outcome = model.ask(QUESTION, chunks.append)
    assert (outcome.fault is None) == (outcome.reason is None) == (outcome.stop != "error")
    assert outcome.stop in ("stop", "length", "error")
    assert outcome.fault is None or outcome.fault in get_args(Fault)
    counts = [value for name, value in vars(outcome).items() if name.endswith(("_ns", "_tokens"))]
    for count in [*counts, *(chunk.tokens for chunk in chunks)]:
        assert count is None or (type(count) is int and 0 <= count < 2**63)
    for text in [outcome.reason or "", *(chunk.text for chunk in chunks)]:
        text.encode()
    assert (outcome.reason or "").isprintable()
    return "".join(chunk.text for chunk in chunks), outcome


@both
@many
@given(data=st.data(), then=st.sampled_from(["end", "close", "reset"]), plain=st.booleans())
def test_a_stream_that_is_cut_at_any_byte_gives_a_beginning_of_the_text(
    path: str, server: FaultServer, model: Running, data: st.DataObject, then: Any, plain: bool
) -> None:
    keep = data.draw(st.integers(0, SIZES[path]))
    server.script(path, Reply(stream(path, PIECES), keep, then, plain=plain))
    text, outcome = asked(model)
    assert WHOLE.startswith(text)
    if outcome.fault is None:
        assert text == WHOLE
    if then == "reset":
        assert outcome.fault in (None, "reset")


@both
@many
@given(data=st.data())
def test_bytes_that_change_on_their_way_are_an_outcome(
    path: str, server: FaultServer, model: Running, data: st.DataObject
) -> None:
    body = b"".join(stream(path, PIECES))
    content = bytearray(HEAD + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
    places = st.integers(0, len(content) - 1)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1)):
        content[place] = byte
    server.script(path, Reply(bytes(content), raw=True, then="close"))
    asked(model)


@both
@many
@given(junk=st.binary(max_size=200), raw=st.booleans())
def test_any_bytes_are_an_outcome(
    path: str, server: FaultServer, model: Running, junk: bytes, raw: bool
) -> None:
    server.script(path, Reply(junk, raw=raw, then="close"))
    assert asked(model)[1].fault is not None


OLLAMA_CHUNK = json.loads(part("hm", "mm")) | LAST
LLAMA_CHUNK = json.loads(event("hm", 3, "stop").removeprefix(b"data: "))
PLACES: list[tuple[str, tuple[str | int, ...]]] = [
    *((OLLAMA, (name,)) for name in [*OLLAMA_CHUNK, "error"]),
    (OLLAMA, ("message", "content")),
    (OLLAMA, ("message", "thinking")),
    *((LLAMA, (name,)) for name in [*LLAMA_CHUNK, "error"]),
    *((LLAMA, ("timings", name)) for name in LLAMA_CHUNK["timings"]),
    (LLAMA, ("choices", 0)),
    (LLAMA, ("choices", 0, "delta")),
    (LLAMA, ("choices", 0, "delta", "content")),
    (LLAMA, ("choices", 0, "delta", "reasoning_content")),
    (LLAMA, ("choices", 0, "finish_reason")),
]


@pytest.mark.parametrize(("path", "place"), PLACES)
@settings(many, max_examples=15)
@given(value=json_values)
def test_any_json_in_any_place_is_an_outcome(
    path: str,
    place: tuple[str | int, ...],
    server: FaultServer,
    model: Running,
    value: Any,
) -> None:
    chunk = json.loads(json.dumps(OLLAMA_CHUNK if path == OLLAMA else LLAMA_CHUNK))
    inner = chunk
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    line = (b"data: " if path == LLAMA else b"") + json.dumps(chunk).encode() + b"\n"
    server.script(path, Reply([line, line]))
    asked(model)


FIGURES = [
    (OLLAMA, ("eval_count",), "output_tokens"),
    (OLLAMA, ("prompt_eval_count",), "prompt_tokens"),
    (OLLAMA, ("load_duration",), "load_ns"),
    (OLLAMA, ("eval_duration",), "decode_ns"),
    (LLAMA, ("timings", "predicted_n"), "output_tokens"),
    (LLAMA, ("timings", "prompt_n"), "prompt_tokens"),
    (LLAMA, ("timings", "cache_n"), "prompt_tokens"),
    (LLAMA, ("timings", "prompt_ms"), "prefill_ns"),
    (LLAMA, ("timings", "predicted_ms"), "decode_ns"),
]


@pytest.mark.parametrize(("path", "place", "figure"), FIGURES)
@pytest.mark.parametrize("value", [-1, True, None, "3", [3], 2**63, float("nan"), float("inf")])
def test_a_figure_that_is_no_count_is_unknown(
    path: str, place: tuple[str, ...], figure: str, server: FaultServer, model: Running, value: Any
) -> None:
    chunk = json.loads(json.dumps(OLLAMA_CHUNK if path == OLLAMA else LLAMA_CHUNK))
    inner = chunk if len(place) == 1 else chunk["timings"]
    assert inner[place[-1]] is not None
    inner[place[-1]] = value
    line = (b"data: " if path == LLAMA else b"") + json.dumps(chunk).encode() + b"\n"
    server.script(path, Reply(line))
    outcome = asked(model)[1]
    assert (outcome.stop, getattr(outcome, figure)) == ("stop", None)
