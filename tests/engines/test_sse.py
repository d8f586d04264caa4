from __future__ import annotations

import json

import pytest

from stages.engines.protocol import Fault
from stages.engines.sse import read_events
from stages.engines.stream import Delta, Figures, StreamFault


def event(
    text: str | None = None,
    *,
    thinking: str | None = None,
    finish: str | None = None,
    predicted: int | None = None,
) -> str:
    delta = {"content": text, "reasoning_content": thinking}
    body: dict[str, object] = {"choices": [{"finish_reason": finish, "delta": delta}]}
    if predicted is not None:
        body["timings"] = {
            "prompt_n": 3,
            "cache_n": 2,
            "prompt_ms": 10.0,
            "predicted_n": predicted,
            "predicted_ms": 20.0,
        }
    return f"data: {json.dumps(body)}"


def test_tokens_are_what_the_servers_own_count_grew_by() -> None:
    figures = Figures()
    lines = [event("a", predicted=1), event("bc", predicted=3), event(finish="stop", predicted=4)]
    deltas = list(read_events(lines, figures))
    assert deltas == [Delta("content", "a", 1), Delta("content", "bc", 2)]
    assert figures.output_tokens == 4
    assert figures.prompt_tokens == 5
    assert (figures.prefill_ns, figures.decode_ns) == (10_000_000, 20_000_000)


def test_thinking_has_a_field_of_its_own() -> None:
    lines = [event(thinking="hm"), event("ok"), event(finish="stop"), "data: [DONE]"]
    deltas = list(read_events(lines, Figures()))
    assert [(delta.kind, delta.text) for delta in deltas] == [("thinking", "hm"), ("content", "ok")]


def test_a_count_that_the_server_does_not_give_is_unknown() -> None:
    (delta,) = read_events([event("a"), event(finish="stop")], Figures())
    assert delta.tokens is None


def test_keep_alive_comments_and_blank_lines_are_nothing() -> None:
    lines = [": ping", "", event("a"), "event: x", event(finish="length")]
    figures = Figures()
    assert [delta.text for delta in read_events(lines, figures)] == ["a"]
    assert figures.finish == "length"


def test_a_count_that_was_unknown_for_a_while_is_not_made_up_for() -> None:
    lines = [event("a", predicted=1), event("b"), event("cd", predicted=4), event("e", predicted=5)]
    deltas = list(read_events([*lines, event(finish="stop")], Figures()))
    assert [delta.tokens for delta in deltas] == [1, None, None, 1]


@pytest.mark.parametrize(
    ("lines", "fault", "said"),
    [
        ([event("a")], "unfinished", "without its final chunk"),
        ([], "unfinished", "without its final chunk"),
        (["data: [DONE]"], "unfinished", "without its final chunk"),
        (["data: {not json"], "garbage", "malformed event"),
        (["data: [1]"], "garbage", "no JSON object"),
        (['data: {"choices": [7]}'], "garbage", "a choice is no object"),
        (["<html>"], "garbage", "no event: <html>"),
        (['data: {"error": {"message": "out of memory"}}'], "reported", "out of memory"),
        (['error: {"code": 500, "message": "broken"}'], "reported", "broken"),
        (["error: plain words"], "reported", "plain words"),
    ],
)
def test_a_broken_stream_says_what_was_wrong(lines: list[str], fault: Fault, said: str) -> None:
    with pytest.raises(StreamFault, match=said) as raised:
        list(read_events(lines, Figures()))
    assert raised.value.fault == fault
