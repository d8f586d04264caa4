"""One response of a transcript file: a line of JSONL, or an object of a JSON array."""

from __future__ import annotations

import json
from typing import Any, Literal

from stages.transcript.json_text import JsonError, parse_json, shown, whole_text, wrong
from stages.transcript.marks import marked
from stages.transcript.shapes import Shaped, message_text, shaped
from stages.transcript.split import split
from stages.transcript.transcripts import Transcript, Unreadable

_LARGEST = 2**53


def read_line(line: int, raw: bytes) -> Transcript | Unreadable:
    """Read a line of JSONL: see ``read_object``."""
    try:
        found = parse_json(raw)
    except JsonError as error:
        return Unreadable(line, error.why, error.found)
    return read_object(line, found)


def read_object(line: int, found: Any) -> Transcript | Unreadable:
    """Read an object with ``prompt`` or ``messages``, and ``answer``; the rest is optional.

    Optional are ``id, model, thinking, topics, truth, reference, pair, thinking_tokens,
    answer_tokens, epoch``. Where ``thinking`` is absent, ``<think>`` in the answer is split out,
    and so are other models' marks (``marked``). Other shapes are read too: see ``shaped``; a list
    of messages is one conversation. Other keys are ignored. Any value of a wrong type makes the
    line unreadable.
    """
    if is_conversation(found):
        found = {"messages": found}
    if not isinstance(found, dict):
        return Unreadable(line, "not an object", shown(found))
    try:
        return _transcript(line, shaped(found))
    except JsonError as error:
        return Unreadable(line, error.why, error.found)


def is_conversation(found: Any) -> bool:
    """Whether a JSON value is a list of chat messages."""
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(one, dict) and {"role", "content"} <= one.keys() for one in found)
    )


def _transcript(line: int, shape: Shaped) -> Transcript:
    found = shape.line
    turns = _turns(found, shape.promptless)
    thinking, answer = _text(found, "thinking"), _text(found, "answer")
    if answer is None and thinking is None:
        raise JsonError("no answer")
    if thinking and shape.cut and not answer:
        answer = None
    is_open = answer is None
    if thinking is None:
        parts = marked(answer or "") or split([("content", answer or "")])
        thinking, answer, is_open = parts.thinking, parts.answer, parts.open
    return Transcript(
        line=line,
        id=_identity(found, line),
        turns=turns,
        thinking=thinking or None,
        answer=answer,
        open=is_open,
        cut=shape.cut,
        model=_text(found, "model"),
        epoch=_whole(found, "epoch", 1) or 1,
        topics=_topics(found),
        truth=_truth(found),
        reference=_reference(found),
        pair=_text(found, "pair"),
        thinking_tokens=_whole(found, "thinking_tokens", 0),
        answer_tokens=_whole(found, "answer_tokens", 0),
        output_tokens=shape.output_tokens,
    )


def _turns(found: dict[str, Any], promptless: bool) -> tuple[str, ...]:
    """The user's turns."""
    prompt, messages = _text(found, "prompt"), found.get("messages")
    if messages is None:
        if prompt is None and not promptless:
            raise JsonError("neither prompt nor messages")
        return () if prompt is None else (prompt,)
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise wrong("messages is no list of objects", messages)
    turns = tuple(message_text(one) for one in messages if one.get("role") == "user")
    if not turns:
        raise JsonError("messages hold no turn of a user")
    return turns


def _text(found: dict[str, Any], key: str) -> str | None:
    value = found.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(f"{key} is no text", value)
    return whole_text(value)


def _whole(found: dict[str, Any], key: str, least: int) -> int | None:
    value = found.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
        raise wrong(f"{key} is no whole number from {least}", value)
    return value


def _identity(found: dict[str, Any], line: int) -> str:
    value = found.get("id")
    if value is None:
        return str(line)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong("id is neither text nor whole number", value)
    return whole_text(str(value))


def _texts(found: dict[str, Any], key: str) -> tuple[str, ...]:
    value = found[key]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(f"{key} is no list of texts", value)
    return tuple(whole_text(one) for one in value)


def _topics(found: dict[str, Any]) -> tuple[str, str] | None:
    if found.get("topics") is None:
        return None
    topics = _texts(found, "topics")
    if len(topics) != 2 or not all(topic.strip() for topic in topics):
        raise wrong("topics aren't two texts", found["topics"])
    return topics[0], topics[1]


def _truth(found: dict[str, Any]) -> Literal["related", "unrelated"] | None:
    match found.get("truth"):
        case None:
            return None
        case "related":
            return "related"
        case "unrelated":
            return "unrelated"
        case other:
            raise wrong("truth is neither related nor unrelated", other)


def _reference(found: dict[str, Any]) -> tuple[str, ...] | None:
    """The right answers: one or a list, each a text or a number, as data sets have them."""
    value = found.get("reference")
    if value is None:
        return None
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | float) for one in given):
        raise wrong("reference is neither text nor number, nor a list of these", value)
    texts = (one if isinstance(one, str) else json.dumps(one) for one in given)
    return tuple(map(whole_text, texts)) or None
