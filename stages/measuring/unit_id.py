"""The identity of one thing asked: the same id, and only it, may be answered from a record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from stages.engines.protocol import Message


def unit_id(
    *,
    weights_digest: str | None,
    template_hash: str | None,
    model: str,
    prompt_id: str,
    test: str | None,
    messages: Sequence[Message],
    options: Mapping[str, Any],
    seed: int,
    epoch: int,
    arm: str,
    roster: Sequence[str],
    turn: int,
) -> str:
    """Hash (32 hexadecimal digits of SHA-256) of everything that decides a response.

    ``messages`` hold the model's own earlier answers, so a later turn of a conversation is new
    whenever an earlier answer is. ``roster`` lists the models that ran at the same time, so that
    a response under load is never taken for one without. ``model`` is its key:
    two keys over the same weights have rows of their own. ``prompt_id`` and
    ``test`` keep rows apart that ask the same: the first turn of a conversation is often a prompt
    of its own, and each has its own row and its own times.
    """
    asked = {
        "weights": weights_digest,
        "model": model,
        "prompt": prompt_id,
        "test": test,
        "template": template_hash,
        "messages": list(messages),
        "options": dict(options),
        "seed": seed,
        "epoch": epoch,
        "arm": arm,
        "roster": sorted(roster),
        "turn": turn,
    }
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
