"""Ollama's streamed chat: from one JSON object a line to text and the server's figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from stages.engines.stream import Delta, Figures, StreamFault, ends_as
from stages.engines.untrusted import count, json_object, member, message_of, text_of, words


def read_ndjson(lines: Iterable[str], figures: Figures) -> Iterator[Delta]:
    """See ``Reader``. The answer has ended with the object that says ``done``."""
    for line in lines:
        if not line.strip():
            continue
        try:
            part = json_object(line)
            if part.get("error") is not None:
                raise StreamFault("reported", f"the server reported: {message_of(line)}")
            deltas, done = _deltas(part), _done(part)
        except ValueError as error:
            raise StreamFault(
                "garbage", f"the server sent a malformed chunk ({words(error)}): {words(line, 80)}"
            ) from None
        yield from deltas
        if done:
            _take(part, figures)
            return
    raise StreamFault("unfinished", "the stream ended without its final chunk")


def _deltas(part: dict[str, Any]) -> list[Delta]:
    message, logprobs = member(part, "message"), part.get("logprobs")
    tokens = len(logprobs) if isinstance(logprobs, list) and logprobs else None
    deltas = []
    if thinking := text_of(message, "thinking"):
        deltas.append(Delta("thinking", thinking, tokens))
        tokens = tokens and 0  # counted with the first piece, so that the sum is right
    if content := text_of(message, "content"):
        deltas.append(Delta("content", content, tokens))
    return deltas


def _done(part: dict[str, Any]) -> bool:
    done = part.get("done", False)
    if not isinstance(done, bool):
        raise ValueError("done is neither true nor false")  # noqa: TRY004 (as in untrusted.py)
    return done


def _take(part: dict[str, Any], figures: Figures) -> None:
    figures.load_ns = count(part.get("load_duration"))
    figures.prefill_ns = count(part.get("prompt_eval_duration"))
    figures.decode_ns = count(part.get("eval_duration"))
    figures.prompt_tokens = count(part.get("prompt_eval_count"))
    figures.output_tokens = count(part.get("eval_count"))
    # Servers of before 2024 gave no reason.
    reason = part.get("done_reason")
    figures.finish = "stop" if reason is None else ends_as(reason)
