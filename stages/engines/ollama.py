"""The Ollama engine: models by tag, on the server that answers or on one of our own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import ollama

from stages.engines.exchange import fetch
from stages.engines.ollama_describe import template_hash
from stages.engines.ollama_model import OllamaModel, sent
from stages.engines.ollama_pulled import taking
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_server import address_of, connect, http, is_local, weights_in
from stages.engines.protocol import EngineError, Serving
from stages.engines.stream import StreamFault
from stages.engines.threads import threads_here
from stages.engines.untrusted import text_of
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits

_NOT_FOUND = httpx.codes.NOT_FOUND


class OllamaEngine:
    """Runs models in the Ollama server at ``host``, else in the one that ``SERVERS`` reaches."""

    def __init__(self, host: str | None = None) -> None:
        self._host = host

    def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:  # noqa: ARG002 (one server runs all)
        """See ``Engine.serving``."""
        client = connect(self._host)
        options = _options(client, asking, concurrent)
        return Serving(SERVERS.version(self._host), options, _place(client))

    @contextmanager
    def start(
        self,
        manifest: Manifest,
        asking: Asking,
        limits: Limits,
        concurrent: int,
        log: Path,
    ) -> Iterator[OllamaModel]:
        """Load the model and check that it is what was pulled; unload it on leaving."""
        client, version = SERVERS.reach(self._host, log)
        options = _options(client, asking, concurrent)
        serving = Serving(version, options, _place(client))
        _check(http(client), manifest, limits)
        try:
            # Loading may take longer than any piece of an answer: only timeout_s bounds it.
            loading = {"options": sent(options), "keep_alive": -1}
            try:
                _generate(http(client), manifest, loading, limits.timeout_s)
            except StreamFault as fault:
                raise _error(manifest, "couldn't be loaded", fault) from fault
            yield OllamaModel(http(client), manifest, limits, serving)
        finally:
            _unload(http(client), manifest, limits)


def _options(client: ollama.Client, asking: Asking, concurrent: int) -> dict[str, Any]:
    """Every option of each request; a server elsewhere knows its own cores best."""
    options: dict[str, Any] = asking.options.model_dump() | {"min_p": 0.0, "think": asking.think}
    if is_local(client):
        options["num_thread"] = threads_here(concurrent)
    return options


def _place(client: ollama.Client) -> str | None:
    return None if is_local(client) else address_of(client)


def _check(client: httpx.Client, manifest: Manifest, limits: Limits) -> None:
    """Raise ``EngineError`` where the server holds other weights or another template."""
    try:
        shown = fetch(client, "POST", "/api/show", {"model": manifest.ollama}, limits.stall_s)
        found = weights_in(text_of(shown, "modelfile"))
        template = template_hash(text_of(shown, "template"))
    except StreamFault as fault:
        raise _error(manifest, "can't be looked up", fault) from fault
    except ValueError as error:
        raise EngineError(f"{manifest.ollama} can't be looked up: {error}", "garbage") from error
    if found != manifest.weights_digest:
        raise EngineError(
            f"{manifest.ollama} is other weights than were pulled "
            f"({manifest.weights_digest[:19]}… then, {str(found)[:19]}… now); "
            f"{taking(manifest.key)} takes the new ones"
        )
    if manifest.template_hash and template != manifest.template_hash:
        raise EngineError(
            f"{manifest.ollama} has another chat template than was pulled "
            f"({manifest.template_hash[:19]}… then, {str(template)[:19]}… now); "
            f"{taking(manifest.key)} takes the new one"
        )


def _generate(
    client: httpx.Client, manifest: Manifest, body: dict[str, Any], timeout_s: float
) -> None:
    """Load or unload: a request for text without a prompt, which gives none."""
    whole = {"model": manifest.ollama, "stream": False} | body
    fetch(client, "POST", "/api/generate", whole, timeout_s)


def _unload(client: httpx.Client, manifest: Manifest, limits: Limits) -> None:
    try:
        _generate(client, manifest, {"keep_alive": 0}, limits.stall_s)
    except StreamFault as fault:
        if fault.fault != "connection":  # a server that is gone holds nothing
            print(f"{manifest.ollama} may still be loaded: {fault.reason}", file=sys.stderr)


def _error(manifest: Manifest, what: str, fault: StreamFault) -> EngineError:
    if fault.status == _NOT_FOUND:
        return EngineError(
            f"the server doesn't hold {manifest.ollama} any more ({fault.reason}); "
            f"`dvc repro --force pull@{manifest.key}` gets it again"
        )
    return EngineError(f"{manifest.ollama} {what}: {fault.reason}", fault.fault)
