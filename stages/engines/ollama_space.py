"""Whether there is room for a download, before it fills the disk."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from stages.engines.exchange import fetch
from stages.engines.ollama_download import Layer
from stages.engines.ollama_server import listed
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault

SPARE = 10**9
"""Bytes that a download leaves free: the run's own results need some."""
_SERVICE = Path("/usr/share/ollama")  # the home that Ollama's installer for Linux makes
_MODELS = Path(".ollama/models")
_BLOCK = 512  # bytes; what st_blocks counts
_SHOW_S = 60.0
_FOLDER = re.compile(r"^FROM (.+)[/\\]blobs[/\\]sha256-[0-9a-f]{64}\s*$", re.MULTILINE)


def folders(client: httpx.Client) -> list[Path]:
    """Where a server on this machine may keep its models: one folder if it names it itself."""
    try:
        for model in listed(client):
            shown = fetch(client, "POST", "/api/show", {"model": model.tag}, _SHOW_S)
            found = _FOLDER.search(str(shown.get("modelfile")))
            # From within WSL a path of the Windows host is no folder here.
            if found and Path(found[1]).is_absolute():
                return [Path(found[1])]
    except StreamFault:
        pass  # then the places that it uses by default
    usual = Path(os.environ.get("OLLAMA_MODELS") or Path.home() / _MODELS)
    return [usual, _SERVICE / _MODELS] if _SERVICE.exists() else [usual]


def arrived(layer: Layer, places: Sequence[Path]) -> Layer:
    """The layer with the bytes that an earlier download has left in one of the places.

    Where a place may not be looked into, all of them: nothing shows then that there is no room.
    """
    here = max((_bytes_of(layer, place) for place in places), default=0)
    return replace(layer, done=min(here, layer.total))


def check_space(tag: str, layers: Sequence[Layer], places: Sequence[Path]) -> None:
    """Raise ``EngineError`` where no place has room for what the layers lack, and ``SPARE``."""
    needed = sum(layer.total - layer.done for layer in layers)
    free = {place: shutil.disk_usage(_existing(place)).free for place in places}
    if not needed or not free or max(free.values()) >= needed + SPARE:
        return
    roomiest = max(free, key=lambda place: free[place])
    raise EngineError(
        f"{tag} needs {needed / 1e9:.1f} GB and {SPARE / 1e9:.0f} GB to spare in {roomiest}, "
        f"{free[roomiest] / 1e9:.1f} GB are free there; free some space, or have Ollama keep its "
        "models on another disk (OLLAMA_MODELS)"
    )


def _bytes_of(layer: Layer, place: Path) -> int:
    whole = place / "blobs" / layer.digest.replace(":", "-")
    try:
        if whole.exists():
            return layer.total
        part = whole.with_name(f"{whole.name}-partial").stat()
    except FileNotFoundError:
        return 0
    except OSError:
        return layer.total
    # It has its full length from the start, as a file with holes.
    return int(getattr(part, "st_blocks", 0)) * _BLOCK


def _existing(place: Path) -> Path:
    """The folder, or the nearest one above it that is there and may be looked at."""
    return next(path for path in [place, *place.absolute().parents] if _is_there(path))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # the service's folder is its own
        return False
