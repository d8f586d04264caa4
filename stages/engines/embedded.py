"""The embedded engine: llama.cpp through ``xllamacpp``, one server process a model."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from stages.engines.embedded_model import EmbeddedModel
from stages.engines.embedded_process import ServerProcess
from stages.engines.embedded_version import embedded_version
from stages.engines.exchange import FRESH, fetch
from stages.engines.protocol import EngineError, Serving
from stages.engines.stream import StreamFault
from stages.engines.threads import threads_here
from stages.engines.weights import digest, locate
from stages.errors import UserError
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits

_HEALTH_S = 30.0


class EmbeddedEngine:
    """Runs GGUF files in processes of our own."""

    def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:  # noqa: ARG002 (one engine serves all)
        """See ``Engine.serving``."""
        options: dict[str, Any] = asking.options.model_dump() | {"min_p": 0.0}
        if asking.think == "prompted":
            options["max_thinking_tokens"] = asking.max_thinking_tokens
        options |= {"think": asking.think, "num_thread": threads_here(concurrent)}
        return Serving(embedded_version(), options)

    @contextmanager
    def start(
        self, manifest: Manifest, asking: Asking, limits: Limits, concurrent: int, log: Path
    ) -> Iterator[EmbeddedModel]:
        """See ``Engine.start``. Refuses a file whose content isn't what was pulled."""
        serving = self.serving(manifest, asking, concurrent)
        path = _checked(manifest)
        api_key = secrets.token_urlsafe(24)
        process = ServerProcess(log)
        try:
            address = process.load(
                {
                    "path": str(path),
                    "num_ctx": serving.options["num_ctx"],
                    "threads": serving.options["num_thread"],
                    "api_key": api_key,
                }
            )
            with httpx.Client(
                base_url=address,
                headers={"Authorization": f"Bearer {api_key}"},
                limits=FRESH,
                trust_env=False,  # a proxy from the environment has no business on loopback
            ) as client:
                _check_health(client, process)
                yield EmbeddedModel(client, process, asking, limits, serving)
        finally:
            process.stop()


def _checked(manifest: Manifest) -> Path:
    assert manifest.gguf is not None
    try:
        path = locate(manifest.gguf)
        found = digest(path)
    except (UserError, OSError) as error:
        raise EngineError(str(error)) from error
    if found != manifest.weights_digest:
        raise EngineError(
            f"{manifest.gguf} has changed since it was pulled ({manifest.weights_digest[:19]}… "
            f"then, {found[:19]}… now); `dvc repro --force pull@{manifest.key}` takes the new one"
        )
    return path


def _check_health(client: httpx.Client, process: ServerProcess) -> None:
    try:
        fetch(client, "GET", "/health", None, _HEALTH_S)
    except StreamFault as fault:
        if fault.fault in ("connection", "reset"):
            raise process.failure() from fault
        raise EngineError(f"the model's server isn't well: {fault.reason}", fault.fault) from fault
