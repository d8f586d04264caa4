"""What a model in Ollama is, from what its server says of it."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx

from stages.engines.exchange import fetch
from stages.engines.licenses import license_of
from stages.engines.ollama_server import Held, weights_in
from stages.engines.ollama_settings import settings_hash
from stages.engines.stream import StreamFault
from stages.engines.untrusted import count, member, text_of, words
from stages.manifest import Manifest
from stages.plans.pull import PullPlan
from stages.sizing.need import shape_of
from stages.thinking import LEVELS

_SHOW_S = 60.0
_LONGEST = 80  # characters of a name


def describe(client: httpx.Client, plan: PullPlan, held: Held, version: str) -> Manifest:
    """The manifest of a model that the server holds. Raises ``StreamFault``."""
    shown = fetch(client, "POST", "/api/show", {"model": held.tag}, _SHOW_S)
    try:
        return _manifest(plan, held, version, shown)
    except ValueError as error:
        raise StreamFault(
            "garbage", f"the server describes the model in no known way: {words(error)}"
        ) from None


def _manifest(plan: PullPlan, held: Held, version: str, shown: dict[str, Any]) -> Manifest:
    weights = weights_in(text_of(shown, "modelfile"))
    if weights is None:
        raise ValueError("it names no weights file")
    if held.size_bytes is None:
        raise ValueError("it doesn't say its size")
    facts, details = member(shown, "model_info"), member(shown, "details")
    capabilities = shown.get("capabilities") or []
    if not isinstance(capabilities, list):
        raise ValueError("capabilities is no list")  # noqa: TRY004 (as in untrusted.py)
    template = text_of(shown, "template")
    family = _line(facts, "general.architecture")
    return Manifest(
        key=plan.key,
        engine="ollama",
        engine_version=version,
        ollama=plan.ollama or held.tag.removesuffix(":latest"),
        gguf=plan.gguf,
        host=plan.host,
        name=_line(facts, "general.name") or _line(facts, "general.basename"),
        weights_digest=weights,
        manifest_digest=held.manifest_digest,
        template_hash=template_hash(template),
        settings_hash=settings_hash(shown),
        size_bytes=held.size_bytes,
        quantisation=_line(details, "quantization_level"),
        family=family,
        parameters=count(facts.get("general.parameter_count")),
        context_length=count(facts.get(f"{family}.context_length")),
        shape=shape_of(facts) if family else None,
        capabilities=_capabilities(capabilities, template),
        license=license_of(text_of(shown, "license")) or _line(facts, "general.license"),
        parent=_parent(_line(details, "parent_model")),
    )


def template_hash(template: str) -> str | None:
    """``sha256:…`` of a chat template's text; null where there is none."""
    return "sha256:" + hashlib.sha256(template.encode()).hexdigest() if template else None


def _capabilities(listed: list[Any], template: str) -> list[str]:
    """What the server lists, and whether the template reads how much to think."""
    levels = [LEVELS] if "thinking" in listed and "ThinkLevel" in template else []
    return sorted([*levels, *(words(name, _LONGEST) for name in listed)])


def _line(facts: dict[str, Any], name: str) -> str | None:
    """A text as one short line; null for none and for anything else."""
    found = facts.get(name)
    return words(found, _LONGEST) or None if isinstance(found, str) else None


def _parent(name: str | None) -> str | None:
    """The model that it was made from; for one made from a file Ollama names a path instead."""
    return None if not name or "/blobs/" in name.replace("\\", "/") else name
