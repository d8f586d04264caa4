"""Stage ``pull`` for Ollama: having a model there, and telling what it is."""

from __future__ import annotations

import sys

import ollama

from stages.engines.ollama_created import create
from stages.engines.ollama_describe import describe
from stages.engines.ollama_name import held_as
from stages.engines.ollama_pulled import as_pulled, has_moved, pulled_before, remember
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_registry import registered
from stages.engines.ollama_server import FAULTS, http
from stages.engines.ollama_tag import compare, get_tag, refuse_cloud
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import words
from stages.home import home
from stages.manifest import Manifest
from stages.plans.pull import PullPlan


def pull_ollama(plan: PullPlan) -> Manifest:
    """Make sure that the server holds the model: a tag, or a file that it is given.

    A tag that it holds is not pulled again, so nothing is pulled over it, and no network is needed.
    Raises ``EngineError``.
    """
    client, version = SERVERS.reach(plan.host, home() / "ollama.log")
    try:
        if plan.ollama is None:
            return describe(http(client), plan, create(client, plan), version)
        return _tag(client, plan, plan.ollama, version)
    except StreamFault as fault:
        raise EngineError(f"{plan.ollama or plan.gguf}: {fault.reason}", fault.fault) from fault
    except FAULTS as error:
        said = words(error) or type(error).__name__
        raise EngineError(f"{plan.ollama or plan.gguf}: {said}") from error


def _tag(client: ollama.Client, plan: PullPlan, tag: str, version: str) -> Manifest:
    before = pulled_before(plan)
    there = held_as(http(client), tag)
    refuse_cloud(tag, there)
    # What the server holds is nobody else's business, unless it is known to come from there.
    asked = there is None or (before is not None and before.registered)
    found = registered(client, tag) if asked else None
    if there is None:
        there = get_tag(client, plan.key, tag, before, found)
    compare(plan.key, before, there)
    manifest = describe(http(client), plan, there, version)
    same = found is not None and found.is_what(there.manifest_digest)
    known = before is not None and before.registered
    if before and known and found and not same:
        print(f"pull: {has_moved(plan.key, before, found.digest)}", file=sys.stderr)
    remember(plan.key, as_pulled(manifest, registered=same or known))
    return manifest
