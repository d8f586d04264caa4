from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.transcript.jsonl import read_line
from stages.transcript.transcripts import Transcript, Unreadable


def line(**fields: Any) -> Transcript | Unreadable:
    return read_line(7, json.dumps(fields).encode())


def good(**fields: Any) -> Transcript:
    found = line(**({"prompt": "p", "answer": "a"} | fields))
    assert isinstance(found, Transcript), found
    return found


def test_the_least_that_a_line_holds() -> None:
    assert good() == Transcript(line=7, id="7", turns=("p",), thinking=None, answer="a")


def test_everything_that_a_line_can_hold() -> None:
    found = good(
        id="x", model="m", thinking="t", topics=["u", "v"], truth="related", reference="4",
        pair="y", thinking_tokens=3, answer_tokens=0, epoch=2,
    )  # fmt: skip
    assert found == Transcript(
        line=7, id="x", turns=("p",), thinking="t", answer="a", model="m", epoch=2,
        topics=("u", "v"), truth="related", reference=("4",), pair="y", thinking_tokens=3,
        answer_tokens=0,
    )  # fmt: skip


def test_thinking_is_split_out_where_it_isnt_given() -> None:
    found = good(answer="hm</think>a")
    assert (found.thinking, found.answer, found.open) == ("hm", "a", False)
    found = good(answer="<think>hm")
    assert (found.thinking, found.answer, found.open) == ("hm", None, True)
    assert good(answer="hm</think>a", thinking="t").answer == "hm</think>a"


def test_thinking_without_an_answer_never_ended() -> None:
    found = good(thinking="t", answer=None)
    assert (found.thinking, found.answer, found.open) == ("t", None, True)


def test_messages() -> None:
    messages = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": [{"type": "text", "text": "two"}, {"type": "image"}]},
    ]
    found = line(messages=messages, answer="2")
    assert isinstance(found, Transcript)
    assert (found.turns, found.answer) == (("one", "two"), "2")
    found = line(messages=[*messages, {"role": "assistant", "content": "<think>t</think>2"}])
    assert isinstance(found, Transcript)
    assert (found.thinking, found.answer) == ("t", "2")


@pytest.mark.parametrize(
    ("reference", "texts"),
    [(4, ("4",)), (17.0, ("17.0",)), ([0.5, "1/2"], ("0.5", "1/2")), (True, ("true",)), ([], None)],
)
def test_a_right_answer_may_be_a_number(reference: Any, texts: tuple[str, ...] | None) -> None:
    found = line(prompt="p", answer="a", reference=reference)
    assert isinstance(found, Transcript)
    assert found.reference == texts


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"answer": 3}, "answer is no text but 3"),
        ({"answer": None}, "no answer"),
        ({"prompt": None}, "neither prompt nor messages"),
        ({"messages": "x"}, "messages is no list"),
        ({"messages": [{"role": "system", "content": "x"}]}, "no turn of a user"),
        ({"messages": [{"role": "user", "content": 1}]}, "content is no text but 1"),
        ({"topics": ["a"]}, "topics aren't two texts"),
        ({"topics": ["a", " "]}, "topics aren't two texts"),
        ({"topics": ["a", 1]}, "topics is no list of texts"),
        ({"truth": "maybe"}, "truth is neither"),
        ({"truth": ["related"]}, "truth is neither"),
        ({"thinking_tokens": -1}, "no whole number from 0"),
        ({"thinking_tokens": True}, "no whole number from 0"),
        ({"thinking_tokens": 2.5}, "no whole number from 0"),
        ({"answer_tokens": 10**30}, "no whole number from 0"),
        ({"epoch": 0}, "no whole number from 1"),
        ({"id": 1.5}, "id is neither"),
        ({"reference": {"a": 4}}, "reference is neither text nor number, nor a list of these but"),
        ({"reference": ["4", None]}, "reference is neither text nor number"),
    ],
)
def test_a_wrong_value_makes_the_line_unreadable(fields: dict[str, Any], why: str) -> None:
    found = line(**({"prompt": "p", "answer": "a"} | fields))
    assert isinstance(found, Unreadable)
    assert found.line == 7
    assert why in str(found)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"prompt": "p"', "no valid JSON"),
        (b"[1]", "not an object but [1]"),
        (b'{"prompt": "\xff"}', "not UTF-8 (byte 13)"),
        (b'{"prompt": "p", "answer": "a", "thinking_tokens": NaN}', "NaN is no JSON number"),
        (b'{"answer_tokens": -Infinity}', "-Infinity is no JSON number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"x": ' + b"9" * 5_000 + b"}", "a number of too many digits"),
        (b"\x00\x01", "no valid JSON"),
    ],
)
def test_no_json(raw: bytes, why: str) -> None:
    found = read_line(1, raw)
    assert isinstance(found, Unreadable)
    assert why in str(found)


def test_a_lone_surrogate_is_replaced_and_a_pair_kept() -> None:
    found = read_line(1, b'{"prompt": "p", "answer": "x\\ud800y \\ud83d\\ude00"}')
    assert isinstance(found, Transcript)
    assert found.answer == "x\ufffdy 😀"


def test_a_message_is_short_whatever_the_value() -> None:
    found = line(prompt="p", answer={"x\n": ["y" * 10_000] * 100})
    assert isinstance(found, Unreadable)
    assert len(str(found)) < 120
    assert "\n" not in str(found)


@given(st.binary(max_size=80))
def test_no_bytes_are_fatal(raw: bytes) -> None:
    assert isinstance(read_line(1, raw), Transcript | Unreadable)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["prompt", "messages", "answer", "id", "thinking", "topics", "truth", "reference", "epoch",
     "thinking_tokens", "answer_tokens", "model", "pair", "message", "choices", "role", "content",
     "done", "usage", "eval_count", "response", "reasoning"]
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES))
def test_no_values_are_fatal(fields: dict[str, Any]) -> None:
    found = read_line(1, json.dumps(fields).encode())
    assert isinstance(found, Transcript | Unreadable)
