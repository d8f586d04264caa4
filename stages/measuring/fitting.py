"""Whether a roster can be in memory together: asked before its test starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from stages.engines.protocol import EngineError, Serving
from stages.engines.select import engine_for
from stages.manifest import Manifest, Missing
from stages.plans.units import Asking
from stages.sizing.free import free_bytes
from stages.sizing.need import need_bytes
from stages.sizing.remark import available, needed


def twins(manifests: Mapping[str, Manifest | Missing]) -> str | None:
    """Why these models can't run side by side at all; null where they can.

    Ollama runs one process for one file of weights, whatever the name and the options.
    """
    held = [entry for entry in manifests.values() if isinstance(entry, Manifest)]
    for one, other in combinations(held, 2):
        shared = (one.weights_digest, one.host) == (other.weights_digest, other.host)
        if shared and one.engine == other.engine == "ollama":
            return (
                f"{one.key} and {other.key} are the same weights ({one.weights_digest[:19]}…), for "
                "which Ollama runs one process: they would wait for each other; name models of "
                "different weights in the test"
            )
    return None


def obstacles(
    roster: Sequence[Asking],
    manifests: Mapping[str, Manifest | Missing],
    servings: Mapping[str, Serving | None],
    log: Path,
) -> Iterator[str]:
    """What will keep the roster from being in memory together, each with what to do.

    Its servers hold nothing afterwards, so that what is free can be told. Where the memory that a
    model needs isn't known, nothing is said of memory.
    """
    entries = [manifests[asking.key] for asking in roster]
    held = [entry for entry in entries if isinstance(entry, Manifest)]
    counts = Counter((entry.engine, entry.host) for entry in held)
    for (engine, host), models in counts.items():
        any_of = next(entry for entry in held if (entry.engine, entry.host) == (engine, host))
        try:
            most = engine_for(any_of).clear(log)
        except EngineError:
            continue  # it will be said of each model that can't be loaded
        if most is not None and most < models:
            yield (
                f"its server keeps {most} of {models} models in memory at once: they will take "
                "turns; start Ollama with OLLAMA_MAX_LOADED_MODELS="
                f"{models} or take models out of the test"
            )
    here = [
        (asking, manifests[asking.key])
        for asking in roster
        if (serving := servings[asking.key]) and serving.place is None
    ]
    needs = [_need(asking, entry) for asking, entry in here]
    total, free = sum(need or 0 for need in needs), free_bytes()
    if None not in needs and total > free:
        yield (
            f"its models need about {needed(total)} of memory together, and {available(free)} are "
            "free: they will take turns, or swap; close other programs, lower num_ctx, or take "
            "models out of the test"
        )


def _need(asking: Asking, entry: Manifest | Missing) -> int | None:
    if isinstance(entry, Missing) or entry.shape is None:
        return None
    return need_bytes(entry.size_bytes, entry.shape, asking.options.num_ctx)
