"""One line of a JSONL transcript file."""

from __future__ import annotations

from typing import Any, Literal

from stages.transcript.json_text import JsonError, parse_json, shown, whole_text
from stages.transcript.split import split
from stages.transcript.transcripts import Transcript, Unreadable

_LARGEST = 2**53


def read_line(line: int, raw: bytes) -> Transcript | Unreadable:
    """Read an object with ``prompt`` or ``messages``, and ``answer``; the rest is optional.

    Optional are ``id, model, thinking, topics, truth, reference, thinking_tokens, answer_tokens,
    epoch``. Where ``thinking`` is absent, ``<think>`` in the answer is split out. Other keys are
    ignored. Any value of a wrong type makes the line unreadable.
    """
    try:
        found = parse_json(raw)
        if not isinstance(found, dict):
            return Unreadable(line, f"not an object but {shown(found)}")
        return _transcript(line, found)
    except JsonError as error:
        return Unreadable(line, str(error))


def _transcript(line: int, found: dict[str, Any]) -> Transcript:
    turns, said = _conversation(found)
    thinking, answer = _text(found, "thinking"), _text(found, "answer")
    answer = said if answer is None else answer
    if answer is None and thinking is None:
        raise JsonError("no answer")
    is_open = answer is None
    if thinking is None:
        parts = split([("content", answer or "")])
        thinking, answer, is_open = parts.thinking, parts.answer, parts.open
    return Transcript(
        line=line,
        id=_identity(found, line),
        turns=turns,
        thinking=thinking or None,
        answer=answer,
        open=is_open,
        model=_text(found, "model"),
        epoch=_whole(found, "epoch", 1) or 1,
        topics=_topics(found),
        truth=_truth(found),
        reference=_reference(found),
        thinking_tokens=_whole(found, "thinking_tokens", 0),
        answer_tokens=_whole(found, "answer_tokens", 0),
    )


def _conversation(found: dict[str, Any]) -> tuple[tuple[str, ...], str | None]:
    """The user's turns, and the assistant's text where it ends the messages."""
    prompt, messages = _text(found, "prompt"), found.get("messages")
    if messages is None:
        if prompt is None:
            raise JsonError("neither prompt nor messages")
        return (prompt,), None
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise JsonError(f"messages is no list of objects but {shown(messages)}")
    turns = tuple(message_text(one) for one in messages if one.get("role") == "user")
    if not turns:
        raise JsonError("messages hold no turn of a user")
    last = messages[-1]
    return turns, message_text(last) if last.get("role") == "assistant" else None


def message_text(message: dict[str, Any]) -> str:
    """The text of a chat message, whose content is a text or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return whole_text("".join(text for text in texts if isinstance(text, str)))
    if not isinstance(content, str):
        raise JsonError(f"a message's content is no text but {shown(content)}")
    return whole_text(content)


def _text(found: dict[str, Any], key: str) -> str | None:
    value = found.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise JsonError(f"{key} is no text but {shown(value)}")
    return whole_text(value)


def _whole(found: dict[str, Any], key: str, least: int) -> int | None:
    value = found.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
        raise JsonError(f"{key} is no whole number from {least} but {shown(value)}")
    return value


def _identity(found: dict[str, Any], line: int) -> str:
    value = found.get("id")
    if value is None:
        return str(line)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise JsonError(f"id is neither text nor whole number but {shown(value)}")
    return whole_text(str(value))


def _texts(found: dict[str, Any], key: str) -> tuple[str, ...]:
    value = found[key]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise JsonError(f"{key} is no list of texts but {shown(value)}")
    return tuple(whole_text(one) for one in value)


def _topics(found: dict[str, Any]) -> tuple[str, str] | None:
    if found.get("topics") is None:
        return None
    topics = _texts(found, "topics")
    if len(topics) != 2 or not all(topic.strip() for topic in topics):
        raise JsonError(f"topics aren't two texts but {shown(found['topics'])}")
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
            raise JsonError(f"truth is neither related nor unrelated but {shown(other)}")


def _reference(found: dict[str, Any]) -> tuple[str, ...] | None:
    value = found.get("reference")
    if value is None:
        return None
    if isinstance(value, str):
        return (whole_text(value),)
    return _texts(found, "reference") or None
