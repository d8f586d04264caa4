"""What a chat front end sends back as the model's earlier answer: its text without the thinking."""

from __future__ import annotations

from collections.abc import Iterable

from stages.engines.protocol import Chunk


def spoken(chunks: Iterable[Chunk]) -> str:
    """The answer's text: everything after the last ``</think>``, nothing of an unended thought.

    This is the front ends' own rule, applied when the next turn is asked. The tables' split of
    thinking and answer is a finer one, made later (``stages/transcript``).
    """
    text = "".join(chunk.text for chunk in chunks if chunk.field != "thinking")
    _, closed, answer = text.rpartition("</think>")
    if not closed and text.lstrip().startswith("<think>"):
        return ""
    return answer.strip()
