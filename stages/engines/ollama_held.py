"""What an Ollama server has in memory, and having it let go of that."""

from __future__ import annotations

import time
from collections.abc import Collection

import httpx

from stages.engines.exchange import fetch
from stages.engines.ollama_name import name_of
from stages.engines.stream import StreamFault
from stages.engines.untrusted import text_of

_LIST_S = 10.0
_UNLOAD_S = 60.0
_LOOK_S = 0.02


def held_in_memory(client: httpx.Client, timeout_s: float = _LIST_S) -> list[str]:
    """Names of the models that are loaded now, as ``Name.shown``. Raises ``StreamFault``."""
    models = fetch(client, "GET", "/api/ps", None, timeout_s).get("models") or []
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        raise StreamFault("garbage", "the server doesn't list what it holds, but something else")
    try:
        return [name_of(text_of(model, "model")).shown for model in models]
    except ValueError as error:
        raise StreamFault("garbage", f"the server holds a model that is none: {error}") from None


def let_go(client: httpx.Client, names: Collection[str]) -> None:
    """Have these models unloaded; returns once they are gone.

    A model that is just answering somebody else goes when that is done; one that was removed while
    it was loaded can't be told to, and isn't waited for. Raises ``StreamFault``.
    """
    deadline = time.monotonic() + _UNLOAD_S
    told = set()
    for name in names:
        body = {"model": name, "keep_alive": 0, "stream": False}
        try:
            fetch(client, "POST", "/api/generate", body, _UNLOAD_S)
        except StreamFault as fault:
            if fault.status != httpx.codes.NOT_FOUND:
                raise
        else:
            told.add(name)
    while told and (left := told & set(held_in_memory(client))):
        if time.monotonic() > deadline:
            raise StreamFault(
                "busy", f"{', '.join(sorted(left))} can't be unloaded within {_UNLOAD_S:g} s"
            )
        time.sleep(_LOOK_S)
