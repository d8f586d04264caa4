"""Where one model comes from: ``data/plan/pull/MODEL.json``."""

from __future__ import annotations

from typing import Literal

from stages.plans.plan import Plan


class PullPlan(Plan):
    """A model's source: an Ollama tag, a GGUF file, or ``package:DISTRIBUTION/FILE.gguf``."""

    key: str
    engine: Literal["ollama", "embedded"]
    ollama: str | None
    gguf: str | None
    host: str | None
