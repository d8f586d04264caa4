"""Chats as Open WebUI exports them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from stages.transcript.json_text import JsonError, shown, whole_text
from stages.transcript.shapes import message_text
from stages.transcript.split import split
from stages.transcript.transcripts import Transcript, Unreadable

_OPENING = re.compile(r'<details\s+type="reasoning"([^>]*)>')
_CLOSING = "</details>"
_SUMMARY = re.compile(r"\s*<summary>[^<]*</summary>\n?")
_DURATION = re.compile(r'\bduration="(\d{1,9})"')


def read_export(found: Any) -> Iterator[Transcript | Unreadable]:
    """Every answer of an export: a list of chats, or a single one.

    An answer's turns are the user's messages that lead to it, also where a chat branches. Its
    thinking stands in a ``<details type="reasoning">`` block, or between ``<think>`` tags; the
    time that was shown for it is kept. Places are counted over the answers, from 1.
    """
    places = count(1)
    for number, chat in enumerate(found if isinstance(found, list) else [found], start=1):
        messages = _messages(chat)
        if messages is None:
            yield Unreadable(next(places), f"chat {number} holds no messages", shown(chat))
            continue
        for key, message in messages.items():
            if message.get("role") == "assistant":
                yield _answer(next(places), number, key, messages)


def is_export(found: Any) -> bool:
    """Whether a JSON document looks like an export of chats."""
    first = found[0] if isinstance(found, list) and found else found
    return isinstance(first, dict) and isinstance(first.get("chat"), dict)


def _messages(chat: Any) -> dict[str, dict[str, Any]] | None:
    """The messages by id, each with a ``parentId``; the newer tree or the older list."""
    inner = chat.get("chat") if isinstance(chat, dict) else None
    if not isinstance(inner, dict):
        return None
    history = inner.get("history")
    tree = history.get("messages") if isinstance(history, dict) else None
    if isinstance(tree, dict) and tree:
        return {key: one for key, one in tree.items() if isinstance(one, dict)}
    listed = inner.get("messages")
    if not isinstance(listed, list):
        return None
    kept = [one for one in listed if isinstance(one, dict)]
    return {
        str(index): one | {"parentId": str(index - 1) if index else None}
        for index, one in enumerate(kept)
    }


def _answer(
    place: int, number: int, key: str, messages: dict[str, dict[str, Any]]
) -> Transcript | Unreadable:
    message = messages[key]
    try:
        turns = _turns(key, messages)
        content = message_text(message)
    except JsonError as error:
        return Unreadable(place, f"chat {number}: {error.why}", error.found)
    if not turns:
        return Unreadable(place, f"chat {number}: an answer without a question")
    blocks = list(reasoning_blocks(content))
    parts = split([(name, text) for name, text, _ in blocks])
    durations = [seconds for _, _, seconds in blocks if seconds is not None]
    model = message.get("model")
    return Transcript(
        line=place,
        id=whole_text(f"{number}/{key}"),
        turns=turns,
        thinking=parts.thinking,
        answer=parts.answer,
        open=parts.open,
        error=_error(message),
        model=whole_text(model) if isinstance(model, str) else None,
        thinking_s=float(sum(durations)) if durations else None,
    )


def reasoning_blocks(content: str) -> Iterator[tuple[str, str, int | None]]:
    """The ``(field, text, seconds)`` of a message: its reasoning blocks as the thinking field."""
    here = 0
    while opening := _OPENING.search(content, here):
        if content[here : opening.start()].strip():
            yield "content", content[here : opening.start()], None
        end = content.find(_CLOSING, opening.end())
        block = content[opening.end() : end if end >= 0 else len(content)]
        shown_for = _DURATION.search(opening[1])
        yield (
            "thinking",
            _unquoted(_SUMMARY.sub("", block, count=1)),
            (int(shown_for[1]) if shown_for else None),
        )
        if end < 0:
            return
        here = end + len(_CLOSING)
    if here == 0 or content[here:]:
        yield "content", content[here:], None


def _unquoted(block: str) -> str:
    """Open WebUI quotes every line of the reasoning; some versions escape it as HTML too."""
    text = html.unescape(block) if block.lstrip().startswith("&gt;") else block
    return re.sub(r"^> ?", "", text, flags=re.MULTILINE)


def _turns(key: str, messages: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    turns: list[str] = []
    seen = {key}
    parent = messages[key].get("parentId")
    while isinstance(parent, str) and parent in messages and parent not in seen:
        seen.add(parent)  # a file can claim that a message follows itself
        if messages[parent].get("role") == "user":
            turns.append(message_text(messages[parent]))
        parent = messages[parent].get("parentId")
    return tuple(reversed(turns))


def _error(message: dict[str, Any]) -> str | None:
    error = message.get("error")
    if not error:
        return None
    text = error.get("content") if isinstance(error, dict) else error
    return whole_text(text) if isinstance(text, str) else "the tool reported an error"
