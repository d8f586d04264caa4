"""What scoring needs: ``data/plan/score.json`` and ``data/plan/prompts.json``."""

from __future__ import annotations

from typing import Literal

from stages.plans.plan import Plan


class Prompt(Plan):
    """What is known of a prompt beyond its text. Optional facts are null where not given."""

    prompt_id: str
    set: str
    turns: list[str]
    topics: list[str] | None
    truth: Literal["related", "unrelated"] | None
    reference: list[str] | None
    pair: str | None
    reconstructed: bool


class PromptList(Plan):
    """``data/plan/prompts.json``: every prompt that the run asks, sorted by id."""

    prompts: list[Prompt]


class ScorePlan(Plan):
    """Settings of the heuristics.

    ``loop_words`` and ``loop_repeats``: a text loops if any run of that many words occurs that
    often. ``topics_related_at``: cosine from which two topics count as related. The others are the
    rule of ``overthinks`` (``stages/heuristics/overthinks.py``).
    """

    loop_words: int
    loop_repeats: int
    topics_related_at: float
    overthinks_if: list[str]
    relative_length_over: float
    first_solution_under: float
    long_thought_tokens: int
