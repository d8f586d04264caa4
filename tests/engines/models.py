"""A model of either engine whose server is a ``FaultServer``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from stages.engines.embedded import EmbeddedEngine
from stages.engines.embedded_model import EmbeddedModel
from stages.engines.exchange import FRESH
from stages.engines.ollama import OllamaEngine
from stages.engines.ollama_model import Home, OllamaModel
from stages.engines.protocol import Chunk, Outcome, Request, Running
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.engines.dialects import CAPABILITIES, DIGEST, OLLAMA
from tests.engines.fault_server import FaultServer

QUESTION = Request([{"role": "user", "content": "2 + 2?"}], seed=5)


@dataclass
class Alive:
    """The process behind an embedded model, as far as the model asks for it."""

    dead: str | None = None

    def death(self) -> str | None:
        return self.dead


def in_ollama(manifest: Manifest, server: FaultServer) -> Manifest:
    """The manifest of the model that the server holds."""
    change = {
        "engine": "ollama",
        "engine_version": "ollama 0.1",
        "ollama": "m:1b",
        "host": server.address,
        "weights_digest": f"sha256:{DIGEST}",
        "capabilities": CAPABILITIES,
    }
    return manifest.model_copy(update=change)


@contextmanager
def model_at(
    path: str,
    server: FaultServer,
    manifest: Manifest,
    asking: Asking,
    limits: Limits,
    process: Alive | None = None,
) -> Iterator[Running]:
    """A model of the engine that chats at ``path``."""
    # Without TLS, which takes a while to set up.
    with httpx.Client(
        base_url=server.address, limits=FRESH, trust_env=False, verify=False
    ) as client:
        if path == OLLAMA:
            held = in_ollama(manifest, server)
            serving = OllamaEngine(server.address).serving(held, asking, 1)
            home = Home(server.address, None, None)
            yield OllamaModel(client, held, limits, serving, home)
        else:
            serving = EmbeddedEngine().serving(manifest, asking, 1)
            yield EmbeddedModel(client, process or Alive(), "mark", asking, limits, serving)


def behind(model: Running) -> psutil.Process:
    """The process that does a model's work, a child of this one."""
    return marked(model.followed.mark, psutil.Process())


def marked(mark: str | None, parent: psutil.Process) -> psutil.Process:
    """The child whose command line holds ``mark``."""
    assert mark is not None
    return next(process for process in parent.children() if mark in process.cmdline())


def ask(model: Running, request: Request = QUESTION) -> tuple[str, Outcome]:
    """The text that came, and how it ended."""
    chunks: list[Chunk] = []
    outcome = model.ask(request, chunks.append)
    return "".join(chunk.text for chunk in chunks if chunk.field != "injected"), outcome
