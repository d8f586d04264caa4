"""llama.cpp's streamed chat: from server-sent events to text and the server's figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from stages.engines.stream import Delta, Figures, StreamFault, ends_as
from stages.engines.untrusted import (
    count,
    json_object,
    member,
    message_of,
    nanoseconds,
    text_of,
    total,
    words,
)

_NOTHING = ("", "event", "id", "retry")  # fields that carry no text; a comment's name is empty


def read_events(lines: Iterable[str], figures: Figures) -> Iterator[Delta]:
    """See ``Reader``. The answer has ended once a finish reason has come."""
    for line in lines:
        name, _, data = line.partition(":")
        if name == "error":
            raise StreamFault("reported", f"the server reported: {message_of(data)}")
        if name in _NOTHING:
            continue
        if name != "data":
            raise StreamFault("garbage", f"the server sent no event: {words(line, 80)}")
        if data.strip() == "[DONE]":
            break
        try:
            event = json_object(data)
            if event.get("error") is not None:
                raise StreamFault("reported", f"the server reported: {message_of(data)}")
            deltas = _deltas(event, figures)
        except ValueError as error:
            raise StreamFault(
                "garbage", f"the server sent a malformed event ({words(error)}): {words(data, 80)}"
            ) from None
        yield from deltas
    if figures.finish is None:
        raise StreamFault("unfinished", "the stream ended without its final chunk")


def _deltas(event: dict[str, Any], figures: Figures) -> list[Delta]:
    timings = event.get("timings")
    timings = timings if isinstance(timings, dict) else {}
    if timings:
        figures.prompt_tokens = total(
            count(timings.get("prompt_n")), count(timings.get("cache_n", 0))
        )
        figures.output_tokens = count(timings.get("predicted_n"))
        figures.prefill_ns = nanoseconds(timings.get("prompt_ms"))
        figures.decode_ns = nanoseconds(timings.get("predicted_ms"))
    choices = event.get("choices", [])
    if not isinstance(choices, list):
        raise ValueError("choices is no list")  # noqa: TRY004 (as in untrusted.py)
    deltas = []
    for choice in choices:
        if not isinstance(choice, dict):
            raise ValueError("a choice is no object")  # noqa: TRY004
        delta = member(choice, "delta")
        if thinking := text_of(delta, "reasoning_content"):
            deltas.append(Delta("thinking", thinking, _tokens(timings, figures)))
        if content := text_of(delta, "content"):
            deltas.append(Delta("content", content, _tokens(timings, figures)))
        if choice.get("finish_reason") is not None:
            figures.finish = ends_as(choice["finish_reason"])
    return deltas


def _tokens(timings: dict[str, Any], figures: Figures) -> int | None:
    """What the server's own count grew by; null also just after it was unknown."""
    before, figures.counted = figures.counted, count(timings.get("predicted_n"))
    if before is None or figures.counted is None:
        return None
    return count(figures.counted - before)
