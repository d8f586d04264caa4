"""``generation``: how every model is asked, unless its own ``options`` say otherwise."""

from __future__ import annotations

from typing import Any, Literal

from stages.params.section import NO_UNIT, Section, key

LARGEST_CONTEXT = 16_777_216


def temperature(default: float | None) -> Any:
    """The key ``temperature``, here and in a model's options; likewise the five below."""
    return key(
        default, NO_UNIT, "Spread of the sampling: 0 always takes the likeliest token.", ge=0, le=2
    )


def top_p(default: float | None) -> Any:
    """Nucleus sampling (Holtzman et al., arXiv 1904.09751)."""
    return key(
        default, "fraction", "Samples from the likeliest tokens up to this probability.", gt=0, le=1
    )


def top_k(default: int | None) -> Any:
    """Top-k sampling."""
    return key(
        default, "tokens", "Samples from this many likeliest tokens; 0: no limit.", ge=0, le=100_000
    )


def repeat_penalty(default: float | None) -> Any:
    """Penalty on repeated tokens, as llama.cpp applies it."""
    return key(default, "factor", "Makes repeated tokens less likely; 1: no penalty.", gt=0, le=10)


def num_ctx(default: int | None) -> Any:
    """The context window."""
    return key(
        default,
        "tokens",
        "Context window: prompt, thinking and answer together.",
        ge=64,
        le=LARGEST_CONTEXT,
    )


def num_predict(default: int | None) -> Any:
    """The limit on what is generated."""
    return key(
        default,
        "tokens",
        "Longest response, thinking included.",
        ge=1,
        le=LARGEST_CONTEXT,
    )


class Generation(Section):
    """Repetitions, sampling, limits, and what happens on failure."""

    epochs: int = key(2, "count", "How often each prompt is asked.", ge=1, le=10_000)
    seed: int = key(
        1, NO_UNIT, "Base of the seeds: epoch 1 is asked with seed + 1.", ge=0, le=2_000_000_000
    )
    temperature: float = temperature(0.6)
    top_p: float = top_p(0.95)
    top_k: int = top_k(40)
    repeat_penalty: float = repeat_penalty(1.0)
    num_ctx: int = num_ctx(4096)
    num_predict: int = num_predict(256)
    timeout_s: float = key(1800.0, "s", "Longest wait for a whole response.", gt=0, le=604_800)
    stall_s: float = key(
        120.0, "s", "Longest wait for the next piece of a response.", gt=0, le=604_800
    )
    retries: int = key(
        2,
        "count",
        "Further tries after a fault that another try can mend (a lost connection, a stall, a "
        "server's error; not a deadline or a rejected request).",
        ge=0,
        le=100,
    )
    max_failures: float = key(
        0.1, "fraction", "Share of failed responses above which the run fails.", ge=0, le=1
    )
    reuse: Literal["same-engine", "any"] = key(
        "same-engine",
        NO_UNIT,
        "Which kept responses may be used again: same-engine: of the same engine version on the "
        "same hardware; any: of any version and machine.",
    )
    cold: bool = key(
        False,
        NO_UNIT,
        "Whether a model that runs alone is loaded anew for each response, to measure loads; from "
        "the disk, or from memory where the system still has the file there.",
    )
    repeats: int = key(
        2,
        "count",
        "How often one prompt is asked again with the same seed, cut short, of a model just loaded "
        "and once more after it, to see whether the text stays the same; 0: never.",
        ge=0,
        le=100,
    )
    carry_thinking: bool = key(
        False,
        NO_UNIT,
        "Whether a later turn also carries the thinking of the model's earlier answers; chat "
        "front ends leave it out.",
    )
