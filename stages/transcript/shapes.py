"""Responses as other programs keep them, brought into the form of a transcript's line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from stages.transcript.json_text import JsonError, whole_text, wrong

ANSWERS = ("model_answer", "response", "output", "completion", "content", "answer_text")
THINKING = ("thinking", "reasoning_content", "reasoning", "reasoning_trace")
PROMPTS = ("question", "problem", "instruction")
_LARGEST = 2**53
_Object = Mapping[str, Any]


class Shaped(NamedTuple):
    """``line`` has the keys of a transcript's line; the rest is what other shapes know or lack.

    ``cut`` says that a limit ended the response; ``output_tokens`` is the server's count of them;
    ``promptless``, that the shape may do without a prompt.
    """

    line: dict[str, Any]
    cut: bool = False
    output_tokens: int | None = None
    promptless: bool = False


def shaped(found: _Object) -> Shaped:
    """The response of an object, whatever shape it has.

    Known are a chat completion of OpenAI's form (``choices``), a reply of Ollama (``message`` or
    ``response``), ``messages`` that end with the answer, and an object with the answer under one
    of ``ANSWERS``; where there is a ``model_answer``, ``answer`` is the reference and left alone.
    The thinking may stand beside the answer under any name of ``THINKING``. ``JsonError`` where it
    can't be told which text is the answer.
    """
    line = dict(found) | {"thinking": _thinking(found)}
    if line.get("prompt") is None:
        line["prompt"] = _prompt(found)
    if line.get("reference") is None:
        line["reference"] = found.get("ground_truth")
    if found.get("answer") is not None and not isinstance(found.get("model_answer"), str):
        return Shaped(line, cut="length" in _ends(found))
    choice = _choice(found)
    if found.get("done") is False or "delta" in choice:
        raise JsonError("a chunk of a stream, not a whole response; have it sent in one piece")
    message = _message(found, choice)
    if message is None:
        line["answer"] = _answer(found)
    else:
        line["answer"] = None if message.get("content") is None else message_text(message)
        line["thinking"] = _thinking(message) or _thought(message) or line["thinking"]
    usage = _object(found.get("usage"))
    reasoning = _count(_object(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    if reasoning and line["thinking"] and line.get("thinking_tokens") is None:
        line["thinking_tokens"] = reasoning
    return Shaped(
        line,
        cut="length" in (choice.get("finish_reason"), *_ends(found)),
        output_tokens=_count(usage.get("completion_tokens")) or _count(found.get("eval_count")),
        promptless=message is not None or line["answer"] is not None,
    )


def message_text(message: _Object) -> str:
    """The text of a chat message, whose content is a text or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return whole_text("".join(text for text in texts if isinstance(text, str)))
    if not isinstance(content, str):
        raise wrong("a message's content is no text", content)
    return whole_text(content)


def _ends(found: _Object) -> tuple[Any, Any]:
    """Why it ended, as servers say."""
    return found.get("finish_reason"), found.get("done_reason")


def _thought(message: _Object) -> str | None:
    """The parts of a message's content that are thinking, as Anthropic's form has them."""
    content = message.get("content")
    parts = (
        [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    )
    texts = [part.get("thinking") for part in parts if part.get("type") == "thinking"]
    return whole_text("\n\n".join(text for text in texts if isinstance(text, str))) or None


def _choice(found: _Object) -> _Object:
    """The only choice of a chat completion; empty where there is none."""
    choices = found.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return {}
    if len(choices) > 1:
        raise JsonError(f"{len(choices)} choices; one response a line can be read")
    return choices[0]


def _message(found: _Object, choice: _Object) -> _Object | None:
    """The message that holds the answer, where it is one."""
    if isinstance(choice.get("text"), str):
        return {"content": choice["text"]}
    for one in (choice.get("message"), found.get("message"), _last(found.get("messages"))):
        if isinstance(one, dict) and one.get("role", "assistant") == "assistant":
            return one
    return found if found.get("role") == "assistant" else None


def _last(messages: Any) -> Any:
    return messages[-1] if isinstance(messages, list) and messages else None


def _answer(found: _Object) -> str | None:
    """The text under one of ``ANSWERS``, the same under all of them that hold one."""
    names = [name for name in ANSWERS if found.get(name) is not None]
    if "content" in names and "role" in found:
        raise wrong("a single message, and not the assistant's", found["role"])
    for name in names:
        if not isinstance(found[name], str):
            raise wrong(f"{name} is no text", found[name])
    if len({found[name] for name in names}) > 1:
        raise JsonError(f"{' and '.join(names)} hold different texts; name the answer `answer`")
    return whole_text(found[names[0]]) if names else None


def _thinking(found: _Object) -> str | None:
    if not isinstance(found.get("thinking"), str | None):
        raise wrong("thinking is no text", found["thinking"])
    texts = (found.get(name) for name in THINKING)
    return next((whole_text(text) for text in texts if isinstance(text, str) and text), None)


def _prompt(found: _Object) -> str | None:
    """The text under one of ``PROMPTS``, unless there are two, such as another_question."""
    ends = tuple(f"_{name}" for name in PROMPTS)
    texts = [
        value
        for name, value in found.items()
        if isinstance(value, str) and (name in PROMPTS or name.endswith(ends))
    ]
    return texts[0] if len(texts) == 1 else None


def _object(value: Any) -> _Object:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST
    return value if is_count else None
