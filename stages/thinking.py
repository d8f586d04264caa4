"""How a model thinks in a run: as asked for, and as it can."""

from __future__ import annotations

from stages.manifest import Manifest, Missing

LEVELS = "thinking-levels"
"""Among a model's capabilities: its chat template reads how much to think. Ollama lists no such."""


def thinking_mode(think: bool | str | None, entry: Manifest | Missing) -> str | None:
    """none, native or prompted; null where it is left to a model that couldn't be had."""
    if think is False or think == "prompted":
        return "prompted" if think else "none"
    if isinstance(entry, Missing):
        return "native" if think else None
    return "native" if "thinking" in entry.capabilities else "none"
