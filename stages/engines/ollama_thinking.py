"""Thinking as params.yaml asks for it, and as a model in Ollama can."""

from __future__ import annotations

from stages.manifest import Manifest
from stages.plans.units import Asking
from stages.thinking import LEVELS


def thinking(manifest: Manifest, asking: Asking) -> bool | str | None:
    """What is asked for: nothing of a model that can't think, no level where it knows none."""
    if not asking.think:
        return asking.think
    if "thinking" not in manifest.capabilities:
        return None
    return asking.think if LEVELS in manifest.capabilities else True


def unheeded(manifest: Manifest, asking: Asking) -> str | None:
    """Why a model isn't asked to think as params.yaml has it; null where it is."""
    if asking.think == thinking(manifest, asking):
        return None
    found = f"think: {str(asking.think).lower()}, but {manifest.ollama}"
    if "thinking" not in manifest.capabilities:
        return (
            f"{found} can't think (its server lists no such capability): it is asked without; "
            "write `think: false` in params.yaml to say so"
        )
    return f"{found} knows no levels: it is asked to think; write `think: true` to say so"
