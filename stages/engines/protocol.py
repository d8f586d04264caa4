"""What every engine gives: a running model that answers chats as a stream of timed chunks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from stages.manifest import Manifest
from stages.plans.units import Asking, Limits

Message = dict[str, str]
Stop = Literal["stop", "length", "error", "timeout", "refused"]


@dataclass(frozen=True)
class Request:
    """One turn to answer: the whole conversation so far and the seed."""

    messages: list[Message]
    seed: int


@dataclass(frozen=True)
class Chunk:
    """A piece of text as it arrived (columns as in ``stages/records.py``)."""

    leg: int
    t_ns: int
    field: Literal["content", "thinking", "injected"]
    text: str
    tokens: int | None


@dataclass(frozen=True)
class Outcome:
    """How a response ended, and the server's own figures (null where it gave none)."""

    stop: Stop
    reason: str | None = None
    thought_end: Literal["closed", "stopped", "limit"] | None = None
    load_ns: int | None = None
    prefill_ns: int | None = None
    decode_ns: int | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None


class EngineError(Exception):
    """The engine can't serve the model now; the message says why and what to do."""


class Running(Protocol):
    """A model that is loaded and answers."""

    @property
    def engine_version(self) -> str:
        """Version of the engine that answers."""

    @property
    def options(self) -> dict[str, Any]:
        """Every option that goes with each request, resolved, threads included."""

    @property
    def processes(self) -> list[int]:
        """Ids of the processes that do the model's work."""

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """Answer one turn; each chunk goes to ``sink`` as it arrives. Faults become outcomes."""


class Engine(Protocol):
    """A way to run models."""

    def start(
        self, manifest: Manifest, asking: Asking, limits: Limits, concurrent: int, log: Path
    ) -> AbstractContextManager[Running]:
        """Make the model ready, beside ``concurrent - 1`` others; stop it on leaving.

        ``log`` is where the engine's own output goes. Raises ``EngineError``.
        """
