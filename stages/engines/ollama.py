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
from stages.engines.ollama_held import held_in_memory, let_go
from stages.engines.ollama_model import Home, OllamaModel
from stages.engines.ollama_name import name_of
from stages.engines.ollama_process import await_runners_end, models_limit, server_process
from stages.engines.ollama_pulled import taking
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_server import (
    address_of,
    connect,
    http,
    is_local,
    port_of,
    weights_in,
)
from stages.engines.ollama_settings import settings_hash
from stages.engines.ollama_sure import make_sure
from stages.engines.ollama_thinking import thinking, unheeded
from stages.engines.options import NEUTRAL
from stages.engines.protocol import EngineError, Serving
from stages.engines.stream import StreamFault
from stages.engines.threads import threads_here
from stages.engines.untrusted import text_of
from stages.errors import UserError
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits

_NOT_FOUND = httpx.codes.NOT_FOUND


class OllamaEngine:
    """Runs models in the Ollama server at ``host``, else in the one that ``SERVERS`` reaches."""

    def __init__(self, host: str | None = None) -> None:
        self._host = host

    def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:
        """See ``Engine.serving``."""
        client = connect(self._host)
        options = _options(client, manifest, asking, concurrent)
        version, remark = SERVERS.version(self._host), unheeded(manifest, asking)
        return Serving(version, options, _place(client), remark)

    def clear(self, log: Path) -> int | None:
        """See ``Engine.clear``."""
        client, _ = SERVERS.reach(self._host, log)
        if not is_local(client):
            return None
        try:
            let_go(http(client), held_in_memory(http(client)))
        except StreamFault as fault:
            raise EngineError(f"the models in Ollama: {fault.reason}", fault.fault) from fault
        server = server_process(port_of(client))
        await_runners_end(server)
        return models_limit(server)

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
        options = _options(client, manifest, asking, concurrent)
        serving = Serving(version, options, _place(client))
        try:
            make_sure(client, manifest)
        except UserError as error:
            raise EngineError(str(error)) from error
        _check(http(client), manifest, limits)
        try:
            place = _place(client)
            process = None if place else server_process(port_of(client))
            home = Home(address_of(client), place, process)
            model = OllamaModel(http(client), manifest, limits, serving, home)
            try:
                model.load()
            except StreamFault as fault:
                raise _error(manifest, "couldn't be loaded", fault) from fault
            yield model
        finally:
            _unload(http(client), manifest)


def _options(
    client: ollama.Client, manifest: Manifest, asking: Asking, concurrent: int
) -> dict[str, Any]:
    """Every option of each request; a server elsewhere knows its own cores best."""
    options: dict[str, Any] = asking.options.model_dump() | NEUTRAL
    options["think"] = thinking(manifest, asking)
    if asking.cold:
        options["cold"] = True
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
        settings = settings_hash(shown)
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
    if settings != manifest.settings_hash:
        raise EngineError(
            f"{manifest.ollama} has another system text, message, adapter or parameter than was "
            f"pulled; {taking(manifest.key)} takes what it has now"
        )


def _unload(client: httpx.Client, manifest: Manifest) -> None:
    try:
        let_go(client, [name_of(str(manifest.ollama)).shown])
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
