"""How each installed model is asked here, and which of them fit side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stages.installed.catalogue import Installed, LeftOut
from stages.sizing.capacity import Capacity
from stages.sizing.need import need_bytes
from stages.sizing.remark import needed

# Context windows to choose from (tokens), the best first. Ordinary thoughts take up to 12,000
# tokens, and one that is cut off says nothing about overthinking; answers alone are short.
_WINDOWS = {True: (16384, 8192, 4096), False: (4096, 2048)}
_ROSTER = 3  # models that Ollama keeps loaded at once, unless told otherwise


@dataclass(frozen=True)
class Choice:
    """A model and its context window (tokens). Null memory (bytes): it can't be told."""

    model: Installed
    num_ctx: int
    memory_bytes: int | None

    @property
    def num_predict(self) -> int:
        """The longest response (tokens): a quarter of the window is left to the prompt."""
        return self.num_ctx * 3 // 4

    @property
    def cut_short(self) -> bool:
        """Whether the window is smaller than the best for such a model."""
        return self.num_ctx < _WINDOWS[self.model.thinks][0]


def choose(
    models: Iterable[Installed], room: Capacity | None
) -> tuple[list[Choice], list[LeftOut]]:
    """Each model with the best window that fits, the smallest model first; and those that don't.

    Where the memory needed or the ``room`` for it is unknown, the smallest window is taken.
    """
    chosen, left = [], []
    for model in models:
        found = _chosen(model, room)
        if isinstance(found, Choice):
            chosen.append(found)
        else:
            left.append(found)
    return sorted(chosen, key=lambda choice: (_size(choice.model), choice.model.tag)), left


def roster(choices: Sequence[Choice], room: Capacity | None, cores: int) -> list[Choice]:
    """Models to run at once: those that think first, the smallest first, as long as they fit.

    None where fewer than two do. Each needs one of the ``cores`` at least. Two models of the same
    weights would wait for each other.
    """
    if room is None:
        return []
    together: list[Choice] = []
    free = room.together_bytes
    for choice in sorted(choices, key=lambda choice: not choice.model.thinks):
        twin = any(choice.model.weights == other.model.weights for other in together)
        if choice.memory_bytes is None or choice.memory_bytes > free or twin:
            continue
        together.append(choice)
        free -= choice.memory_bytes
    together = together[: min(_ROSTER, cores)]
    return together if len(together) > 1 else []


def _chosen(model: Installed, room: Capacity | None) -> Choice | LeftOut:
    most = model.context_length
    windows = [window for window in _WINDOWS[model.thinks] if most is None or window <= most]
    if not windows:
        return LeftOut(model.tag, f"its context of {most} tokens is too small for these prompts")
    needs = [_need(model, window) for window in windows]
    if room is None or needs[-1] is None:
        least = model.size_bytes
        if room is not None and least is not None and least > room.total_bytes:
            return _too_large(model.tag, least, room)
        return Choice(model, windows[-1], needs[-1])
    for window, need in zip(windows, needs, strict=True):
        if need is not None and need <= room.total_bytes:
            return Choice(model, window, need)
    return _too_large(model.tag, needs[-1], room)


def _need(model: Installed, window: int) -> int | None:
    if model.size_bytes is None or model.shape is None:
        return None
    return need_bytes(model.size_bytes, model.shape, window)


def _too_large(tag: str, need: int, room: Capacity) -> LeftOut:
    return LeftOut(tag, f"it needs {needed(need)} of memory, and models may take {room}")


def _size(model: Installed) -> float:
    return float("inf") if model.size_bytes is None else model.size_bytes
