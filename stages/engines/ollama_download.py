"""Having an Ollama server download a tag, and hearing how far it is."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx

from stages.engines.exchange import exchange
from stages.engines.ollama_name import name_of
from stages.engines.stream import StreamFault, split_lines
from stages.engines.untrusted import count, json_object, message_of, text_of, words
from stages.engines.watchdog import Watchdog
from stages.plans.units import Limits

# After the last byte the server checks it all without a word: 40 GB from a slow disk take long.
SILENT_S = 3600.0


@dataclass(frozen=True)
class Layer:
    """A piece of the model on its way: its digest, bytes there, bytes in all."""

    digest: str
    done: int
    total: int


def download(client: httpx.Client, tag: str) -> Generator[Layer, None, None]:
    """Have the server pull ``tag``; each of its reports is one layer's state.

    Closing the generator stops the download; what came is kept by the server, and another try goes
    on from there. Raises ``StreamFault``.
    """
    limits = Limits(timeout_s=math.inf, stall_s=SILENT_S, retries=0)
    body: dict[str, Any] = {"model": tag, "stream": True}
    if name_of(tag).insecure:
        body["insecure"] = True
    with (
        Watchdog(limits, math.inf) as watch,
        closing(exchange(client, "POST", "/api/pull", body, watch)) as pieces,
    ):
        for line in split_lines(pieces):
            watch.heard()
            if not line.strip():
                continue
            status, layer = _read(line)
            if layer:
                yield layer
            if status == "success":
                return
    raise StreamFault("unfinished", "the server stopped in the middle of the download")


def _read(line: str) -> tuple[str, Layer | None]:
    try:
        step = json_object(line)
        if step.get("error") is not None:
            raise StreamFault("reported", f"the server reported: {message_of(line)}")
        return text_of(step, "status"), _layer(step)
    except ValueError as error:
        raise StreamFault(
            "garbage", f"the server sent a malformed report ({words(error)}): {words(line, 80)}"
        ) from None


def _layer(step: dict[str, Any]) -> Layer | None:
    digest, total = words(text_of(step, "digest"), 80), count(step.get("total"))
    if not digest or not total:
        return None
    return Layer(digest, min(count(step.get("completed")) or 0, total), total)
