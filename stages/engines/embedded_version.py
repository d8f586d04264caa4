"""The embedded engine's version, as recorded with every model and response."""

from __future__ import annotations

from importlib.metadata import version


def embedded_version() -> str:
    """Version of ``xllamacpp``; its last part is llama.cpp's build number."""
    return f"xllamacpp {version('xllamacpp')}"
