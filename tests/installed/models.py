"""What a server says of models, and models as they are read from that."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from stages.installed.catalogue import Installed
from stages.sizing.need import Shape
from tests.engines.fault_server import FaultServer, Reply

GB = 1_000_000_000
SHAPE = Shape(layers=10, heads=10, kv_heads=1, key_length=50, value_length=50)
"""22,480 bytes a token: 10 x 100 x 2 for keys and values, 10 x 512 x 4 for scores."""


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def installed(tag: str, size_gb: float | None = 1.0, **more: Any) -> Installed:
    facts: dict[str, Any] = {
        "tag": tag,
        "digest": sha(tag),
        "weights": f"sha256:{sha(tag)}",
        "size_bytes": None if size_gb is None else round(size_gb * GB),
        "thinks": True,
        "shape": SHAPE,
        "context_length": 131_072,
    }
    return Installed(**(facts | more))


def entry(tag: object, size: object = GB, **more: Any) -> dict[str, Any]:
    """One model as ``/api/tags`` lists it."""
    return {"name": tag, "model": tag, "size": size, "digest": sha(str(tag))} | more


def shown(weights: str = "w", **more: Any) -> dict[str, Any]:
    """One model as ``/api/show`` describes it."""
    return {
        "modelfile": f"FROM /models/blobs/sha256-{sha(weights)}\nTEMPLATE x",
        "capabilities": ["completion", "thinking"],
        "model_info": {
            "general.architecture": "a",
            "a.context_length": 131_072,
            "a.block_count": 10,
            "a.embedding_length": 500,
            "a.attention.head_count": 10,
            "a.attention.head_count_kv": 1,
        },
    } | more


def serve(server: FaultServer, *models: tuple[Any, Any]) -> None:
    """Let the server hold these: each an entry, and what is shown of it (or how that fails).

    Give them in the order in which they are asked for: the longest tag first, ``:latest`` last.
    Null is shown of a model that isn't asked for.
    """
    server.always("/api/tags", {"models": [listed for listed, _ in models]})
    for _, description in models:
        if isinstance(description, Reply):
            server.script("/api/show", description)
        elif description is not None:
            server.script("/api/show", reply(description))


def reply(value: Any) -> Reply:
    return Reply(json.dumps(value).encode())
