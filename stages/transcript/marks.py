"""Thoughts that a model marks otherwise than with ``<think>``, in transcripts as they were kept.

A server that knows its model takes these marks out; a log of raw text has them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# A thought begins with the one at the very start of the text and ends before the other. Of
# Magistral, Seed-OSS, Kimi, EXAONE, OpenThinker and Sky-T1, Apriel, Granite 3.2, and prompts.
_PAIRS = (
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)
# Plain words, which anybody may begin with: marks only where both are there.
_SPOKEN = (
    ("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"),
    ("Here is my thought process:", "Here is my response:"),
)
_BEFORE_ANSWER, _AFTER_ANSWER = (
    "<|begin_of_solution|>",
    ("<|end_of_solution|>", "[END FINAL RESPONSE]"),
)
# The Harmony format of gpt-oss (github.com/openai/harmony): messages in named channels.
_HARMONY = ("<|channel|>", "<|start|>assistant<|channel|>")
_MESSAGE = re.compile(
    r"<\|channel\|>(\w{1,40})[^<]{0,100}(?:<\|constrain\|>[^<]{0,100})?<\|message\|>"
    r"((?:[^<]|<(?!\|(?:end|return|call|start)\|>))*)"
)


class Marked(NamedTuple):
    """A thought and its answer; ``open`` where the thought never ends, and there is no answer."""

    thinking: str | None
    answer: str | None
    open: bool


def marked(text: str) -> Marked | None:
    """What a text that begins with another model's mark holds; null where it begins with none.

    What stands between marks is text, whatever it looks like. Takes time linear in the text.
    """
    begun = text.lstrip()
    if begun.startswith(_HARMONY):
        return _channels(begun)
    for opens, closes in (*_PAIRS, *_SPOKEN):
        if begun.startswith(opens) and (closes in begun or (opens, closes) in _PAIRS):
            thought, closed, rest = begun[len(opens) :].partition(closes)
            answer = _unwrapped(rest) if closed else None
            return Marked(thought.strip() or None, answer, not closed)
    return None


def _channels(text: str) -> Marked:
    """All but the last word (``final``) is thought, with an empty line between two messages."""
    found = [(match[1], match[2].strip()) for match in _MESSAGE.finditer(text)]
    thought, said = (
        "\n\n".join(words for channel, words in found if (channel == "final") == final and words)
        for final in (False, True)
    )
    answered = any(channel == "final" for channel, _ in found)
    return Marked(thought or None, said if answered else None, not answered)


def _unwrapped(answer: str) -> str:
    answer = answer.strip().removeprefix(_BEFORE_ANSWER)
    for wrapper in _AFTER_ANSWER:
        answer = answer.removesuffix(wrapper)
    return answer.strip()
