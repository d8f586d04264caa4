"""llama.cpp's streamed chat: from server-sent events to chunks and the server's figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal


class StreamError(Exception):
    """The stream broke the protocol, or carried the server's own error."""


@dataclass(frozen=True)
class Delta:
    """A piece of text, and how many tokens the server counted for it."""

    kind: Literal["content", "thinking"]
    text: str
    tokens: int | None


@dataclass
class Figures:
    """What the server said of the request so far; null until it says so."""

    prompt_tokens: int | None = None
    output_tokens: int | None = None
    prefill_ns: int | None = None
    decode_ns: int | None = None
    finish: str | None = None
    counted: int = field(default=0, repr=False)


def read_events(lines: Iterable[str], figures: Figures) -> Iterator[Delta]:
    """Yield the text of a stream as it arrives, filling ``figures`` on the way.

    Raises ``StreamError`` on anything but well-formed events that end with a finish reason.
    """
    for line in lines:
        if not line.startswith("data:"):
            if line.startswith("error:"):
                raise StreamError(f"the server reported: {_message(line.removeprefix('error:'))}")
            continue  # comments keep the connection alive, blank lines separate events
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            break
        try:
            yield from list(_deltas(_event(data), figures))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise StreamError(f"the server sent a malformed event: {data[:80]!r}") from error
    if figures.finish is None:
        raise StreamError("the stream ended without its final chunk")


def _event(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except ValueError:
        raise StreamError(f"the server sent no JSON: {data[:80]!r}") from None
    if not isinstance(event, dict):
        raise StreamError(f"the server sent no event: {data[:80]!r}")
    if "error" in event:
        raise StreamError(f"the server reported: {_message(data)}")
    return event


def _deltas(event: dict[str, Any], figures: Figures) -> Iterator[Delta]:
    timings = event.get("timings") or {}
    if timings:
        figures.prompt_tokens = timings["prompt_n"] + timings.get("cache_n", 0)
        figures.output_tokens = timings["predicted_n"]
        figures.prefill_ns = round(timings["prompt_ms"] * 1e6)
        figures.decode_ns = round(timings["predicted_ms"] * 1e6)
    for choice in event.get("choices", []):
        figures.finish = choice.get("finish_reason") or figures.finish
        delta = choice.get("delta", {})
        for kind, name in (("thinking", "reasoning_content"), ("content", "content")):
            if text := delta.get(name):
                yield Delta(kind, text, _tokens(timings, figures))  # type: ignore[arg-type]


def _tokens(timings: dict[str, Any], figures: Figures) -> int | None:
    if not timings:
        return None
    new = int(timings["predicted_n"]) - figures.counted
    figures.counted += new
    return new


def _message(data: str) -> str:
    try:
        error = json.loads(data)
        error = error.get("error", error)
        return str(error.get("message", error))[:300]
    except (ValueError, AttributeError):
        return data.strip()[:300]
