"""What is sent back as the model's earlier answer when the next turn is asked."""

from __future__ import annotations

from collections.abc import Iterable

from stages.engines.protocol import Chunk

OPEN, CLOSE = "<think>", "</think>"


def spoken(chunks: Iterable[Chunk], thinking: bool = False) -> str:
    """The text of an earlier answer: without its thinking, as chat front ends send it, or with it.

    Without: everything after the last ``</think>``, nothing of an unended thought. That is the
    front ends' own rule; the tables' split of thinking and answer is a finer one, made later
    (``stages/transcript``).

    With ``thinking``, the thought stands before the answer between ``<think>`` and ``</think>``,
    also where the server sent it in a field of its own. Many chat templates drop whatever stands
    between these tags in an earlier turn: what reaches the model then is the same as without.
    """
    kept = list(chunks)
    text = "".join(chunk.text for chunk in kept if chunk.field != "thinking")
    before, closed, answer = text.rpartition(CLOSE)
    opened = text.lstrip().startswith(OPEN)
    if not closed and opened:
        before, answer = text, ""
    answer = answer.strip()
    if not thinking:
        return answer
    native = "".join(chunk.text for chunk in kept if chunk.field == "thinking")
    thought = "\n\n".join(
        part for part in (native.strip(), before.strip().removeprefix(OPEN).strip()) if part
    )
    return f"{OPEN}\n{thought}\n{CLOSE}\n\n{answer}".rstrip() if thought else answer
