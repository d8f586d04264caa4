"""A model and an engine that do what they are told to: for what no real one does on demand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stages.engines.protocol import Chunk, EngineError, Outcome, Request, Serving
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from stages.trace.followed import Followed
from stages.trace.tracer import Tracer

Reply = tuple[Sequence[str], Outcome]
OK = Outcome("stop", output_tokens=1)


@dataclass
class ScriptedModel:
    """Gives one scripted reply an ask: texts to stream, and how it ends."""

    replies: Sequence[Reply]
    asked: list[Request] = field(default_factory=list)
    engine_version: str = "scripted 1"
    name: str = "m"
    followed: Followed = field(default_factory=lambda: Followed("no such process"))
    unseen: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        return {"temperature": 0.0}

    def prepare(self, beside: Collection[str]) -> None:
        pass

    def held(self) -> list[str] | None:
        return [self.name]

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        texts, outcome = self.replies[len(self.asked)]
        self.asked.append(request)
        for number, text in enumerate(texts):
            sink(Chunk(0, number, "content", text, 1))
        return outcome


@dataclass
class ScriptedEngine:
    """Answers every question with what ``reply`` makes of it, and counts what it was asked."""

    reply: Callable[[str, Request], Reply] = lambda key, request: (
        [f"{key} on {request.messages[-1]['content']}"],
        OK,
    )
    version: str = "scripted 1"
    options: dict[str, Any] = field(default_factory=dict)
    followed: dict[str, Followed] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    held: Callable[[], list[str] | None] | None = None  # else each model is alone with its roster
    prepared: list[tuple[str, list[str]]] = field(default_factory=list)
    unprepared: list[EngineError] = field(default_factory=list)
    most: int | None = None
    cleared: int = 0
    loads: list[str] = field(default_factory=list)
    unloads: list[str] = field(default_factory=list)
    refusals: list[EngineError] = field(default_factory=list)
    asked: list[tuple[str, Request]] = field(default_factory=list)

    def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:
        options = asking.options.model_dump() | {"num_thread": concurrent} | self.options
        return Serving(self.version, options)

    def clear(self, log: Path) -> int | None:
        self.cleared += 1
        return self.most

    @contextmanager
    def start(
        self, manifest: Manifest, asking: Asking, limits: Limits, concurrent: int, log: Path
    ) -> Iterator[_Loaded]:
        self.loads.append(asking.key)
        if self.refusals:
            raise self.refusals.pop(0)
        yield _Loaded(self, asking.key, self.serving(manifest, asking, concurrent))
        self.unloads.append(asking.key)


@dataclass
class _Loaded:
    engine: ScriptedEngine
    key: str
    serving: Serving

    @property
    def engine_version(self) -> str:
        return self.serving.engine_version

    @property
    def options(self) -> dict[str, Any]:
        return self.serving.options

    @property
    def name(self) -> str:
        return self.key

    @property
    def followed(self) -> Followed:
        return self.engine.followed.get(self.key, Followed("no such process"))

    @property
    def unseen(self) -> str | None:
        return self.engine.unseen.get(self.key)

    def prepare(self, beside: Collection[str]) -> None:
        self.engine.prepared.append((self.key, list(beside)))
        if self.engine.unprepared:
            raise self.engine.unprepared.pop(0)

    def held(self) -> list[str] | None:
        return self.engine.held() if self.engine.held else [self.key]

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        self.engine.asked.append((self.key, request))
        texts, outcome = self.engine.reply(self.key, request)
        for number, text in enumerate(texts):
            sink(Chunk(0, number, "content", text, 1))
        return outcome


class QuietTracer(Tracer):
    """A tracer without its sampler: for what isn't about the trace. Collects what it is told."""

    told: list[dict[str, Any]]

    def _start(self) -> None:
        self.told = []

    def _stop(self, patience_s: float) -> int:
        return 0

    def _tell(self, command: dict[str, Any]) -> None:
        self.told.append(command)

    def settle(self) -> None:
        self.told.append({"settle": True})

    def idle(self, seconds: float) -> None:
        self.told.append({"idle": seconds})
