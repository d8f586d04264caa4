"""``scoring``: where the heuristics draw their lines."""

from __future__ import annotations

from typing import Literal

from stages.params.section import NO_UNIT, Section, key


class Scoring(Section):
    """Thresholds of the heuristics."""

    loop_words: int = key(
        23,
        "words",
        "Length of a run of words that counts as a loop if repeated; 23 are about 30 tokens.",
        ge=2,
        le=1000,
    )
    loop_repeats: int = key(
        20, "count", "How often such a run must occur for the text to be a loop.", ge=2, le=1000
    )
    topics_related_at: float = key(
        0.22,
        "cosine",
        "Similarity of two topics' embeddings from which they count as related.",
        ge=-1,
        le=1,
    )
    overthinks_if: list[
        Literal["forced_connection", "loop", "thought_cut_off", "relative_length", "early_solution"]
    ] = key(
        ["forced_connection", "loop", "thought_cut_off", "relative_length", "early_solution"],
        NO_UNIT,
        "A response overthinks if any of these holds.",
    )
    relative_length_over: float = key(
        2.0,
        "×",
        "Thinking this many times as long as on the prompt's control is too long.",
        gt=0,
        le=1000,
    )
    first_solution_under: float = key(
        0.25,
        "fraction",
        "A solution within this share of a long thought is an early one.",
        ge=0,
        le=1,
    )
    long_thought_tokens: int = key(
        500, "tokens", "Length from which a thought counts as long.", ge=1, le=10_000_000
    )
