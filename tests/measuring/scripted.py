"""A model that says what it is told to: for what no real model does on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stages.engines.protocol import Chunk, Outcome, Request


@dataclass
class ScriptedModel:
    """Gives one scripted reply an ask: texts to stream, and how it ends."""

    replies: Sequence[tuple[Sequence[str], Outcome]]
    asked: list[Request] = field(default_factory=list)
    engine_version: str = "scripted 1"

    @property
    def options(self) -> dict[str, Any]:
        return {"temperature": 0.0}

    @property
    def processes(self) -> list[int]:
        return []

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        texts, outcome = self.replies[len(self.asked)]
        self.asked.append(request)
        for number, text in enumerate(texts):
            sink(Chunk(0, number, "content", text, 1))
        return outcome
