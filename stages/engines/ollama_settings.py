"""What a Modelfile sets besides weights and template: it changes what a model says."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from stages.engines.options import NEUTRAL
from stages.engines.untrusted import text_of
from stages.plans.units import Options

_SENT = {*NEUTRAL, *Options.model_fields, "num_thread", "seed"}
"""Parameters that a Modelfile may set, and each request sets anew."""
_ADAPTER = re.compile(r"^ADAPTER .*sha256[-:]([0-9a-f]{64})\s*$", re.MULTILINE)


def settings_hash(shown: dict[str, Any]) -> str | None:
    """``sha256:…`` of system text, messages, adapters and the parameters that aren't sent.

    ``shown`` is what ``/api/show`` says; its parameters come in a random order. Null where the
    model sets none of these. Raises ``ValueError`` for what no server should say.
    """
    lines = {line.strip() for line in text_of(shown, "parameters").splitlines()}
    set_there = {
        "system": text_of(shown, "system"),
        "messages": shown.get("messages") or [],
        "adapters": _ADAPTER.findall(text_of(shown, "modelfile")),
        "parameters": sorted(line for line in lines if line and line.split()[0] not in _SENT),
    }
    if not any(set_there.values()):
        return None
    text = json.dumps(set_there, sort_keys=True, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
