"""Getting a model into Ollama, and telling what it is."""

from __future__ import annotations

import hashlib
import sys
import time
from typing import Any

import ollama

from stages.engines.ollama_server import FAULTS, connect, held, version_of, weights_digest
from stages.engines.protocol import EngineError
from stages.engines.weights import digest, locate
from stages.manifest import Manifest
from stages.plans.pull import PullPlan


def pull_ollama(plan: PullPlan) -> Manifest:
    """Make sure that the server holds the model: a tag, or a file that it is given.

    Raises ``EngineError``.
    """
    client = connect(plan.host)
    version = version_of(client)
    tag = plan.ollama or str(plan.gguf)
    try:
        if plan.ollama is None:
            tag = _create(client, tag)
        elif held(client, tag) is None:
            _download(client, tag)
        return _manifest(client, plan, tag, version)
    except FAULTS as error:
        raise EngineError(f"{tag}: {error}") from error


def _create(client: ollama.Client, gguf: str) -> str:
    """Give the server a file, under a name made of its content, so that none is overwritten."""
    path = locate(gguf)
    content = digest(path)
    name = f"overthink-{content.removeprefix('sha256:')[:12]}"
    if held(client, name) is None:
        print(f"pull: handing {path.name} to Ollama as {name}", file=sys.stderr)
        client.create_blob(path)
        client.create(name, files={path.name: content})
    return name


def _download(client: ollama.Client, tag: str) -> None:
    shown = 0.0
    for step in client.pull(tag, stream=True):
        if step.total and time.monotonic() - shown > 5:
            shown = time.monotonic()
            done = (step.completed or 0) / 1e9
            print(f"pull: {tag}: {done:.2f} of {step.total / 1e9:.2f} GB", file=sys.stderr)


def _manifest(client: ollama.Client, plan: PullPlan, tag: str, version: str) -> Manifest:
    shown, entry = client.show(tag), held(client, tag)
    weights = weights_digest(shown)
    if weights is None or entry is None:
        raise EngineError(
            f"{tag} has no weights on this server (a cloud model?); name a local tag in params.yaml"
        )
    facts: dict[str, Any] = dict(shown.modelinfo or {})
    family = facts.get("general.architecture")
    details, template = shown.details, shown.template
    return Manifest(
        key=plan.key,
        engine="ollama",
        engine_version=version,
        ollama=tag,
        gguf=plan.gguf,
        host=plan.host,
        name=facts.get("general.name") or facts.get("general.basename"),
        weights_digest=weights,
        manifest_digest=f"sha256:{entry.digest}" if entry.digest else None,
        template_hash="sha256:" + hashlib.sha256(template.encode()).hexdigest()
        if template
        else None,
        size_bytes=int(entry.size or 0),
        quantisation=details.quantization_level if details else None,
        family=family,
        parameters=facts.get("general.parameter_count"),
        context_length=facts.get(f"{family}.context_length"),
        capabilities=sorted(str(capability) for capability in shown.capabilities or []),
        license=_license(shown.license, facts),
        parent=_parent(details.parent_model if details else None),
    )


def _license(text: str | None, facts: dict[str, Any]) -> str | None:
    """The licence by its own first line, or as the weights file names it."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[0][:80] if lines else facts.get("general.license")


def _parent(name: str | None) -> str | None:
    """The model that it was made from; for one made from a file Ollama names a path instead."""
    return None if not name or "/blobs/" in name.replace("\\", "/") else name
