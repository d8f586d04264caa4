"""How many threads a model may use, so that models never fight over cores."""

from __future__ import annotations

from stages.engines.protocol import EngineError
from stages.machine import usable_cores


def threads_for(concurrent: int, cores: int) -> int | None:
    """Threads for each of ``concurrent`` models on ``cores`` usable cores; null if they don't fit.

    llama.cpp's threads wait for each other by spinning, so a single thread too many halves the
    speed or worse (two models with two threads each on two cores: a tenth). One core is left to
    the client, the tracer and the desktop where there are enough.
    """
    if concurrent > cores:
        return None
    return max(1, (cores - 1) // concurrent)


def threads_here(concurrent: int) -> int:
    """``threads_for`` on this machine. Raises ``EngineError`` if the models don't fit."""
    cores = usable_cores()
    threads = threads_for(concurrent, cores)
    if threads is None:
        raise EngineError(
            f"{concurrent} models side by side need {concurrent} cores and this process may "
            f"use {cores}; take models out of the test's roster"
        )
    return threads
