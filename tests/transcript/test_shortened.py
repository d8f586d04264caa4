from __future__ import annotations

import json
from typing import Any

import pytest

from stages.transcript.shortened import shortened

FOUR = "Difference between two words"


def record(tokens: int | None, *said: str, context: int = 100, **fields: Any) -> dict[str, Any]:
    """The user speaks first and last, the model between."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
    return {
        "prompt_tokens": tokens, "messages": json.dumps(messages),
        "options": json.dumps({"num_ctx": context}), "engine": "ollama",
        "engine_version": "0.24.0",
    } | fields  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "found"), [(None, None), (3, True), (4, False), (98, False), (99, True), (100, True)]
)
def test_fewer_tokens_than_words_or_a_full_context(tokens: int | None, found: bool | None) -> None:
    assert shortened(record(tokens, FOUR), None) is found


def test_a_later_turn_cannot_take_fewer_tokens_than_the_turn_before() -> None:
    later = record(20, FOUR, "Yes.", "And?")
    assert shortened(later, None) is False
    assert shortened(later, 20) is False
    assert shortened(later, 21) is True


def test_thinking_that_is_sent_back_need_not_reach_the_model() -> None:
    carried = "<think>\none two three four five\n</think>\n\nYes."
    assert shortened(record(6, FOUR, carried, "And?"), None) is False
    assert shortened(record(5, FOUR, carried, "And?"), None) is True


def test_words_that_are_not_parted_cannot_be_counted() -> None:
    assert shortened(record(30, "世界和平与大学"), None) is None
    assert shortened(record(30, "世界和平与大学", "大学", "大学"), 31) is True
    assert shortened(record(30, "- ?"), None) is None


def test_a_server_that_leaves_out_what_it_remembers_tells_nothing() -> None:
    assert shortened(record(1, FOUR, engine_version="0.30.0"), None) is None
    assert shortened(record(1, FOUR, engine_version="0.30.1"), None) is True
