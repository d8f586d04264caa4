"""Whether there is room for a download, before it fills the disk."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import httpx

from stages.engines.exchange import fetch
from stages.engines.ollama_server import listed
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault

SPARE = 10**9
"""Bytes that a download leaves free: the run's own results need some."""
_SERVICE = Path("/usr/share/ollama/.ollama/models")  # where Ollama's installer for Linux puts it
_SHOW_S = 60.0
_FOLDER = re.compile(r"^FROM (.+)[/\\]blobs[/\\]sha256-[0-9a-f]{64}\s*$", re.MULTILINE)


def folders(client: httpx.Client) -> list[Path]:
    """Where a server on this machine may keep its models: one folder if it names it itself."""
    try:
        for model in listed(client):
            shown = fetch(client, "POST", "/api/show", {"model": model.tag}, _SHOW_S)
            if found := _FOLDER.search(str(shown.get("modelfile"))):
                return [Path(found[1])]
    except StreamFault:
        pass  # then the places that it uses by default
    usual = Path(os.environ.get("OLLAMA_MODELS") or Path.home() / ".ollama" / "models")
    return [usual, _SERVICE] if _SERVICE.exists() else [usual]


def check_space(tag: str, needed: int, places: list[Path]) -> None:
    """Raise ``EngineError`` where no place has ``needed`` bytes and ``SPARE``."""
    free = {place: shutil.disk_usage(_existing(place)).free for place in places}
    if not free or max(free.values()) >= needed + SPARE:
        return
    roomiest = max(free, key=lambda place: free[place])
    raise EngineError(
        f"{tag} needs {needed / 1e9:.1f} GB and {SPARE / 1e9:.0f} GB to spare in {roomiest}, "
        f"{free[roomiest] / 1e9:.1f} GB are free there; free some space, or have Ollama keep its "
        "models on another disk (OLLAMA_MODELS)"
    )


def _existing(place: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    return next(path for path in [place, *place.absolute().parents] if path.exists())
