"""How many threads a model may use, so that models never fight over cores."""

from __future__ import annotations


def threads_for(concurrent: int, cores: int) -> int | None:
    """Threads for each of ``concurrent`` models on ``cores`` usable cores; null if they don't fit.

    llama.cpp's threads wait for each other by spinning, so a single thread too many halves the
    speed or worse (two models with two threads each on two cores: a tenth). One core is left to
    the client, the tracer and the desktop where there are enough.
    """
    if concurrent > cores:
        return None
    return max(1, (cores - 1) // concurrent)
