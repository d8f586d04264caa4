"""What a tag means in its registry now, asked before anything is pulled."""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import ollama

from stages.engines.exchange import FRESH, exchange
from stages.engines.ollama_download import Layer
from stages.engines.ollama_name import Name, name_of
from stages.engines.ollama_server import is_local
from stages.engines.stream import StreamFault
from stages.engines.untrusted import count, json_object, member, text_of
from stages.engines.watchdog import Watchdog
from stages.plans.units import Limits

_ACCEPT = "application/vnd.docker.distribution.manifest.v2+json"
_ASK_S = 5.0
_MOST_BYTES = 2**22  # of a manifest; those of models with a layer a tensor take some 100 kB
_REDIRECTS = 3
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Registered:
    """What the registry has under a tag: its manifest's digest, and layers of which none is here.

    Ollama stores a manifest as it comes, and lists the digest of what it stored; before 0.19 it
    wrote the manifest anew, so that a registry with another way of writing has ``rewritten``, too.
    """

    digest: str
    rewritten: str
    layers: list[Layer]

    def is_what(self, manifest_digest: str | None) -> bool:
        """Whether a server that lists this digest holds what the registry has."""
        return manifest_digest in (self.digest, self.rewritten)


def registered(client: ollama.Client, tag: str) -> Registered | None:
    """Ask the registry of ``tag`` for its manifest, as the server behind ``client`` would.

    Null where it can't be known, within seconds: no network, a registry that wants a login, or that
    only the server's own machine reaches, a tag that it lacks, an answer that is no manifest.
    """
    name = name_of(tag)
    if name.on_loopback and not is_local(client):
        return None
    try:
        return _read(_ask(name))
    except (StreamFault, ValueError, httpx.InvalidURL):
        return None


def _ask(name: Name) -> bytes:
    limits = Limits(timeout_s=_ASK_S, stall_s=_ASK_S, retries=0)
    path = f"/v2/{name.namespace}/{name.model}/manifests/{name.tag}"
    with (
        httpx.Client(
            base_url=f"{'http' if name.insecure else 'https'}://{name.host}",
            headers={"Accept": _ACCEPT},
            limits=FRESH,
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=not name.on_loopback,
        ) as client,
        Watchdog(limits, time.monotonic() + _ASK_S) as watch,
        closing(exchange(client, "GET", path, None, watch, _MOST_BYTES)) as pieces,
    ):
        return b"".join(pieces)


def _read(content: bytes) -> Registered:
    manifest = json_object(content.decode())
    layers = manifest.get("layers")
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise ValueError("layers is no list of objects")
    config = member(manifest, "config")
    whole = [_layer(layer) for layer in ([*layers, config] if config else layers)]
    return Registered(_digest(content), _digest(_rewritten(manifest, config, layers)), whole)


def _layer(layer: dict[str, Any]) -> Layer:
    digest, size = text_of(layer, "digest"), count(layer.get("size"))
    if not _DIGEST.fullmatch(digest) or size is None:
        raise ValueError("a layer without digest or size")
    return Layer(digest, 0, size)


def _rewritten(
    manifest: dict[str, Any], config: dict[str, Any], layers: list[dict[str, Any]]
) -> bytes:
    """The manifest as Ollama before 0.19 writes it: these members in this order, and no space."""
    whole = {
        "schemaVersion": manifest.get("schemaVersion"),
        "mediaType": manifest.get("mediaType", ""),
        "config": _rewritten_layer(config),
        "layers": [_rewritten_layer(layer) for layer in layers],
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _rewritten_layer(layer: dict[str, Any]) -> dict[str, Any]:
    needed = {name: layer.get(name) for name in ("mediaType", "digest", "size")}
    return needed | ({"from": layer["from"]} if layer.get("from") else {})


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
