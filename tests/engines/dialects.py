"""What a well-behaved server says, byte for byte: Ollama's stream and llama.cpp's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

DIGEST = "ab" * 32
CAPABILITIES = ["completion", "thinking"]
OLLAMA, LLAMA = "/api/chat", "/v1/chat/completions"
PIECES = ("fo", "ur")
LAST = {
    "done": True,
    "done_reason": "stop",
    "load_duration": 1,
    "prompt_eval_duration": 2_000_000,
    "eval_duration": 3_000_000,
    "prompt_eval_count": 4,
    "eval_count": 2,
}


def part(content: str = "", thinking: str | None = None, **more: Any) -> bytes:
    """One line of Ollama's stream."""
    logprobs = [{"token": content or thinking, "logprob": -0.1}] if content or thinking else None
    message = {"role": "assistant", "content": content, "thinking": thinking}
    chunk = {"model": "m", "message": message, "logprobs": logprobs, "done": False} | more
    return json.dumps(chunk, ensure_ascii=False).encode() + b"\n"


def event(
    content: str | None = None, tokens: int = 0, finish: str | None = None, **more: Any
) -> bytes:
    """One event of llama.cpp's stream, ``tokens`` counted so far."""
    timings = {"prompt_n": 3, "cache_n": 1, "prompt_ms": 2.0, "predicted_n": tokens}
    choice = {"index": 0, "finish_reason": finish, "delta": {"content": content}}
    chunk = {"choices": [choice], "timings": timings | {"predicted_ms": 3.0}} | more
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


FIRST = {OLLAMA: part("fo"), LLAMA: event("fo", 1)}


def ollama_stream(pieces: Sequence[str] = PIECES) -> list[bytes]:
    """An answer of one token a piece, line by line."""
    return [*(part(piece) for piece in pieces), part(**LAST)]


def llama_stream(pieces: Sequence[str] = PIECES, finish: str = "stop") -> list[bytes]:
    """The same answer, event by event."""
    counted = [event(piece, number) for number, piece in enumerate(pieces, 1)]
    return [*counted, event(None, len(pieces), finish), b"data: [DONE]\n\n"]


def stream(path: str, pieces: Sequence[str] = PIECES) -> list[bytes]:
    """The well-behaved answer to a chat at ``path``."""
    return ollama_stream(pieces) if path == OLLAMA else llama_stream(pieces)


def show() -> dict[str, Any]:
    """Ollama's description of a model."""
    return {
        "modelfile": f"FROM /models/blobs/sha256-{DIGEST}\nTEMPLATE x",
        "template": "T",
        "license": "\n MIT License\nmore",
        "details": {"quantization_level": "Q4_K_M", "parent_model": "/x/blobs/sha256-1"},
        "model_info": {"general.architecture": "qwen2", "qwen2.context_length": 131072},
        "capabilities": CAPABILITIES,
    }


def well(path: str) -> bytes | list[bytes] | None:
    """What is answered where nothing else is scripted; null for 404."""
    held = {"model": "m:1b", "name": "m:1b", "digest": "cd" * 32, "size": 7}
    if path in (OLLAMA, LLAMA):
        return stream(path)
    objects: dict[str, Any] = {
        "/api/version": {"version": "0.30.1"},
        "/api/tags": {"models": [held]},
        "/api/ps": {"models": []},
        "/api/show": show(),
        "/api/generate": {"model": "m:1b", "response": "", "done": True, "done_reason": "load"},
        "/api/create": {"status": "success"},
        "/health": {"status": "ok"},
    }
    return json.dumps(objects[path]).encode() if path in objects else None
