"""Whether a roster can be in memory together: asked before its test starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from stages.engines.ollama_server import address_of, connect
from stages.engines.protocol import EngineError, Serving
from stages.engines.select import engine_for
from stages.manifest import Manifest, Missing
from stages.plans.units import Asking
from stages.sizing.free import free_bytes
from stages.sizing.gpu import gpu_bytes
from stages.sizing.need import need_bytes
from stages.sizing.remark import available, needed


def twins(manifests: Mapping[str, Manifest | Missing]) -> str | None:
    """Why these models can't run side by side at all; null where they can.

    Ollama runs one process for one file of weights, whatever the name and the options.
    """
    held = [entry for entry in manifests.values() if isinstance(entry, Manifest)]
    for one, other in combinations(held, 2):
        same = one.weights_digest == other.weights_digest
        if one.engine == other.engine == "ollama" and same and _server(one) == _server(other):
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
    for server, models in _by_server(held).items():
        try:
            most = engine_for(models[0]).clear(log)
        except EngineError:
            continue  # it will be said of each model that can't be loaded
        if most is not None and most < len(models):
            yield (
                f"{server} keeps {most} of {len(models)} models in memory at once: they will take "
                "turns; start Ollama with OLLAMA_MAX_LOADED_MODELS="
                f"{len(models)} or take models out of the test"
            )
    here = [
        asking for asking in roster if (serving := servings[asking.key]) and serving.place is None
    ]
    gpu = gpu_bytes("total") > 0
    on_gpu = [asking for asking in here if gpu and manifests[asking.key].engine == "ollama"]
    yield from _memory(on_gpu, manifests, gpu_bytes("free") if on_gpu else 0, "GPU memory")
    beside = [asking for asking in here if asking not in on_gpu]
    yield from _memory(beside, manifests, free_bytes(), "memory")


def _memory(
    roster: Sequence[Asking], manifests: Mapping[str, Manifest | Missing], free: int, kind: str
) -> Iterator[str]:
    needs = [_need(asking, manifests[asking.key]) for asking in roster]
    total = sum(need or 0 for need in needs)
    if len(needs) > 1 and None not in needs and total > free:
        yield (
            f"its models need about {needed(total)} of {kind} together, and {available(free)} are "
            "free: they will take turns, or swap; close other programs, lower num_ctx, or take "
            "models out of the test"
        )


def _by_server(held: Sequence[Manifest]) -> dict[str, list[Manifest]]:
    servers: dict[str, list[Manifest]] = {}
    for entry in held:
        servers.setdefault(_server(entry), []).append(entry)
    return servers


def _server(entry: Manifest) -> str:
    """The server of a model, the same however its address is spelt."""
    if entry.engine != "ollama":
        return "the embedded engine"
    try:
        return address_of(connect(entry.host)).replace("//localhost", "//127.0.0.1")
    except EngineError:
        return str(entry.host)


def _need(asking: Asking, entry: Manifest | Missing) -> int | None:
    if isinstance(entry, Missing) or entry.shape is None:
        return None
    return need_bytes(entry.size_bytes, entry.shape, asking.options.num_ctx)
