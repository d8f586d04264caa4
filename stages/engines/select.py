"""The engine that a manifest names."""

from __future__ import annotations

from stages.engines.embedded import EmbeddedEngine
from stages.engines.ollama import OllamaEngine
from stages.engines.protocol import Engine
from stages.manifest import Manifest


def engine_for(manifest: Manifest) -> Engine:
    """The engine that runs this model."""
    return OllamaEngine(manifest.host) if manifest.engine == "ollama" else EmbeddedEngine()
