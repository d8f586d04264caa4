"""What to ask a model, with every option resolved: shared by ``generate`` and ``sidebyside``."""

from __future__ import annotations

from typing import Literal

from stages.plans.plan import Plan


class Options(Plan):
    """Sampling options and limits, each sent explicitly with every request."""

    temperature: float
    top_p: float
    top_k: int
    repeat_penalty: float
    num_ctx: int
    num_predict: int


class Unit(Plan):
    """One conversation to hold: the user's turns in order, asked in one epoch with one seed."""

    prompt_id: str
    turns: list[str]
    epoch: int
    seed: int


class Asking(Plan):
    """How one model is asked: its thinking mode and options.

    ``cold``: it is loaded anew for each request, so that the load is measured with it.
    """

    key: str
    think: bool | Literal["low", "medium", "high", "prompted"] | None
    max_thinking_tokens: int | None
    options: Options
    cold: bool = False


class Limits(Plan):
    """How long to wait and how often to try again (seconds, count)."""

    timeout_s: float
    stall_s: float
    retries: int


class GeneratePlan(Plan):
    """``data/plan/generate/MODEL.json``.

    ``repeated`` is asked ``repeats`` times of a model just loaded and once more after each, to see
    whether its texts stay the same.
    """

    model: Asking
    units: list[Unit]
    repeated: Unit | None = None
    repeats: int = 0
    limits: Limits
    reuse: Literal["same-engine", "any"]
    carry_thinking: bool
    order_seed: int
    trace_hz: float
    trace_idle_s: float = 0.0


class SidebysidePlan(Plan):
    """``data/plan/sidebyside/TEST.json``: every unit is asked of each model alone and of all."""

    test: str
    roster: list[Asking]
    units: list[Unit]
    limits: Limits
    reuse: Literal["same-engine", "any"]
    carry_thinking: bool
    order_seed: int
    trace_hz: float
    trace_idle_s: float = 0.0
