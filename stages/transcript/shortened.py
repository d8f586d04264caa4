"""Whether a server read less of a prompt than it was sent: some shorten it without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Scripts that part no words by spaces: Thai to Tibetan, Burmese, Khmer, Kana and Chinese.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_MOST_UNSPACED = 0.1

# Ollama 0.30.0 left out of its count what it still had from an earlier request; no other has.
_MISCOUNTS = {("ollama", "0.30.0")}


def shortened(record: Mapping[str, Any], tokens_before: int | None) -> bool | None:
    """Whether the engine's count of the prompt is too small for the messages that were sent.

    ``record`` is a row of ``records``; ``tokens_before`` the count of the turn before in the same
    conversation, null for a first turn. True in any of three cases that can't be otherwise:

    - fewer tokens than words: no tokeniser joins words over a space, and the chat template only
      adds to them. English takes about 1.3 tokens a word, so that a prompt that lost a third is
      found, one that lost a tenth is not;
    - fewer tokens than the turn before, whose messages are all sent again;
    - as many as fill the context: servers cut a longer prompt to just that, and no answer fits.

    Null where the engine doesn't count, or where words can't be counted, as in Chinese.
    """
    tokens = record["prompt_tokens"]
    if tokens is None or (record["engine"], record["engine_version"]) in _MISCOUNTS:
        return None
    sent = [_counts_for_sure(message) for message in json.loads(record["messages"])]
    context = json.loads(record["options"]).get("num_ctx")
    words = sum(map(_words, sent))
    if (
        tokens < words
        or (tokens_before is not None and tokens < tokens_before)
        or (context is not None and tokens >= context - 1)
    ):
        return True
    text = " ".join(sent)
    if not words or len(_UNSPACED.findall(text)) > _MOST_UNSPACED * len(text):
        return None
    return False


def _counts_for_sure(message: Mapping[str, str]) -> str:
    """What every chat template passes on: many drop the thinking of an earlier answer."""
    text = message["content"]
    return text.rpartition("</think>")[2] if message["role"] == "assistant" else text


def _words(text: str) -> int:
    """Runs without a space that hold a letter or a digit."""
    return sum(any(map(str.isalnum, run)) for run in text.split())
