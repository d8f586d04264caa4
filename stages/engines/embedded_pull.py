"""A GGUF file for the embedded engine: what it is."""

from __future__ import annotations

import hashlib

from stages.engines.embedded_version import embedded_version
from stages.engines.gguf_facts import read_facts
from stages.engines.weights import digest, locate
from stages.manifest import Manifest
from stages.plans.pull import PullPlan


def pull_embedded(plan: PullPlan) -> Manifest:
    """Find the file and read what it says of itself.

    Raises ``UserError`` where it isn't there and ``ValueError`` where it is no GGUF.
    """
    assert plan.gguf is not None
    path = locate(plan.gguf)
    facts = read_facts(path)
    template = facts.template
    return Manifest(
        key=plan.key,
        engine=plan.engine,
        engine_version=embedded_version(),
        ollama=None,
        gguf=plan.gguf,
        host=None,
        name=facts.name,
        weights_digest=digest(path),
        manifest_digest=None,
        template_hash="sha256:" + hashlib.sha256(template.encode()).hexdigest()
        if template
        else None,
        size_bytes=path.stat().st_size,
        quantisation=facts.quantisation,
        family=facts.family,
        parameters=facts.parameters,
        context_length=facts.context_length,
        shape=facts.shape,
        capabilities=["completion", *(["thinking"] if "think>" in (template or "") else [])],
        license=facts.license,
        parent=facts.parent,
    )
