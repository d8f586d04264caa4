"""A model that an Ollama server has loaded, and how it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import psutil

from stages.engines.leg import Leg
from stages.engines.ndjson import read_ndjson
from stages.engines.protocol import Chunk, Outcome, Request, Serving
from stages.manifest import Manifest
from stages.plans.units import Limits


class OllamaModel:
    """One model that the server holds, to be asked through ``client``."""

    def __init__(
        self, client: httpx.Client, manifest: Manifest, limits: Limits, serving: Serving
    ) -> None:
        self.engine_version, self.options = serving.engine_version, serving.options
        self._client, self._limits = client, limits
        self._tag = manifest.ollama
        self._digest = manifest.weights_digest.removeprefix("sha256:")
        self._thinks = "thinking" in manifest.capabilities

    @property
    def processes(self) -> list[int]:
        """The runners that hold these weights; none where they are out of this user's sight."""
        return [
            int(process.info["pid"])
            for process in psutil.process_iter(["pid", "cmdline"])
            if any(self._digest in word for word in process.info["cmdline"] or [])
        ]

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """See ``Running.ask``."""
        body: dict[str, Any] = {
            "model": self._tag,
            "messages": request.messages,
            "stream": True,
            "logprobs": True,
            "options": sent(self.options) | {"seed": request.seed},
            "keep_alive": -1,
        }
        # Asking a model to think that can't is an error there; asking it not to never is.
        if self._thinks and self.options["think"] is not None:
            body["think"] = self.options["think"]
        deadline = time.monotonic() + self._limits.timeout_s
        return Leg(self._client, "/api/chat", body, read_ndjson, self._limits, deadline).run(sink)


def sent(options: dict[str, Any]) -> dict[str, Any]:
    """Those options that Ollama calls so: thinking is asked for beside them."""
    return {name: value for name, value in options.items() if name != "think"}
