"""Identities: what was asked, and which row of the tables it is.

A unit is one thing to ask. Its id hashes everything that decides what comes back and nothing else,
so that a kept answer is found again under another model key or prompt name. A row also has those
names: two prompts that begin alike have a row each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from stages.engines.protocol import Message


def member_id(
    *,
    engine: str,
    weights_digest: str | None,
    template_hash: str | None,
    options: Mapping[str, Any],
    place: str | None = None,
    settings_hash: str | None = None,
) -> str:
    """What answers, and how it is asked: the same under any key.

    ``place`` is the address of a server on another machine.
    """
    elsewhere = {"place": place} if place else {}
    besides = {"settings": settings_hash} if settings_hash else {}
    return _hash(
        {
            "engine": engine,
            "weights": weights_digest,
            "template": template_hash,
            "options": dict(options),
            **elsewhere,
            **besides,
        }
    )


def unit_id(
    *,
    member: str,
    messages: Sequence[Message],
    seed: int,
    epoch: int,
    arm: str,
    roster: Sequence[str],
    turn: int,
) -> str:
    """One turn of one conversation with one member.

    ``messages`` hold the model's own earlier answers, so a later turn is new whenever an earlier
    answer is. ``roster`` lists the members of a side-by-side test, in both its arms: a response
    under load is never taken for one without, nor for one beside other models.
    """
    return _hash(
        {
            "member": member,
            "messages": list(messages),
            "seed": seed,
            "epoch": epoch,
            "arm": arm,
            "roster": sorted(roster),
            "turn": turn,
        }
    )


def block_id(
    *, roster: Sequence[str], turns: Sequence[str], seed: int, epoch: int, carry_thinking: bool
) -> str:
    """A whole conversation with all of a roster at once, which is kept whole or not at all."""
    return _hash(
        {
            "roster": sorted(roster),
            "turns": list(turns),
            "seed": seed,
            "epoch": epoch,
            "carry_thinking": carry_thinking and len(turns) > 1,
        }
    )


def response_id(*, unit: str, model: str, prompt_id: str, test: str | None) -> str:
    """A row of ``responses``: a unit under the names that this run gives it."""
    return _hash({"unit": unit, "model": model, "prompt": prompt_id, "test": test})


def _hash(parts: Mapping[str, Any]) -> str:
    """32 hexadecimal digits of SHA-256."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
