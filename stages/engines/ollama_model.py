"""A model that an Ollama server has loaded, and how it is asked."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psutil

from stages.engines.exchange import fetch
from stages.engines.leg import Leg
from stages.engines.ndjson import read_ndjson
from stages.engines.ollama_held import held_in_memory, let_go
from stages.engines.ollama_name import name_of
from stages.engines.ollama_process import in_sight, why_unseen
from stages.engines.protocol import Chunk, EngineError, Outcome, Request, Serving
from stages.engines.stream import StreamFault
from stages.manifest import Manifest
from stages.plans.units import Limits
from stages.trace.followed import Followed

_CANNOT_THINK = "does not support thinking"
_KEPT_S = 600.0


@dataclass(frozen=True)
class Home:
    """The server as its models need to know it.

    ``place`` is its address where it is another machine; ``process`` its own process, null where
    that is out of sight.
    """

    address: str
    place: str | None
    process: int | None

    @property
    def ours(self) -> bool:
        """Whether others' models may be unloaded: those of this machine come back when needed."""
        return self.place is None


class OllamaModel:
    """One model of the server, to be asked through ``client``."""

    def __init__(
        self,
        client: httpx.Client,
        manifest: Manifest,
        limits: Limits,
        serving: Serving,
        home: Home,
    ) -> None:
        self.engine_version, self.options = serving.engine_version, serving.options
        self._client, self._limits, self._home = client, limits, home
        self._tag = str(manifest.ollama)
        self._thinks = "thinking" in manifest.capabilities
        self.name = name_of(self._tag).shown
        self._staying: set[str] = set()
        mark = None if home.place else manifest.weights_digest.removeprefix("sha256:")
        self.followed = Followed(mark, home.process, home.address, (self.name, self._tag))

    @property
    def _keep_s(self) -> float:
        """How long the server keeps it after an answer, s: not for ever, should we be killed."""
        return self._limits.timeout_s + _KEPT_S

    @property
    def unseen(self) -> str | None:
        """See ``Running.unseen``: to be asked while it is loaded."""
        mark = self.followed.mark
        return None if mark and in_sight(mark) else why_unseen(self._home.place)

    def load(self) -> None:
        """Have the server hold it, with every option that it is asked with.

        Loading may take longer than any piece of an answer: only ``timeout_s`` bounds it. Raises
        ``StreamFault``.
        """
        body = {"model": self._tag, "options": sent(self.options), "keep_alive": self._keep_s}
        # A request for text without a prompt loads the model and gives none.
        whole = body | {"stream": False}
        fetch(self._client, "POST", "/api/generate", whole, self._limits.timeout_s)

    def prepare(self, beside: Collection[str]) -> None:
        """See ``Running.prepare``. Raises ``EngineError`` where it is neither warm nor cold.

        What was unloaded meanwhile, for others or to make room in a test, is loaded again before
        it is asked alone. A roster isn't: where one model makes another one go, loading them in
        turn would never end.
        """
        if self._home.process is not None and not psutil.pid_exists(self._home.process):
            raise EngineError(f"{self._tag}: its server has been started anew", "reset")
        try:
            held = held_in_memory(self._client)
            if self._home.ours:
                self._clear(set(held) - {self.name, *beside})
            if self.options.get("cold"):
                let_go(self._client, [self.name])
            elif self.name not in held and set(beside) <= {self.name}:
                self.load()
        except StreamFault as fault:
            raise EngineError(f"{self._tag}: {fault.reason}", fault.fault) from fault

    def _clear(self, others: Collection[str]) -> None:
        """Unload others. One that stays, as somebody is asking it, is named in the rows."""
        try:
            let_go(self._client, [name for name in others if name not in self._staying])
        except StreamFault as fault:
            self._staying |= set(others)
            print(f"{self.name} isn't alone in its server: {fault.reason}", file=sys.stderr)

    def held(self) -> list[str] | None:
        """See ``Running.held``."""
        try:
            return held_in_memory(self._client)
        except StreamFault:
            return None

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """See ``Running.ask``."""
        body = self._body(request)
        deadline = time.monotonic() + self._limits.timeout_s
        limits = self._limits
        if request.patient or self.options.get("cold"):
            limits = limits.model_copy(update={"stall_s": limits.timeout_s})
        leg = Leg(self._client, "/api/chat", body, read_ndjson, limits, deadline)
        outcome = leg.run(sink)
        if outcome.reason and _CANNOT_THINK in outcome.reason:
            reason = (
                f"{self._tag} can't think, though its server said that it can when it was pulled; "
                "write `think: false` in params.yaml, or pull it anew"
            )
            return replace(outcome, reason=reason)
        return outcome

    def _body(self, request: Request) -> dict[str, Any]:
        """The request's body, every option stated: no default of the server's has a say."""
        body: dict[str, Any] = {
            "model": self._tag,
            "messages": request.messages,
            "stream": True,
            "logprobs": True,
            "options": sent(self.options) | {"seed": request.seed},
            "keep_alive": self._keep_s,
        }
        # Asking a model to think that can't is an error there; asking it not to never is.
        if self._thinks and self.options["think"] is not None:
            body["think"] = self.options["think"]
        return body


def sent(options: dict[str, Any]) -> dict[str, Any]:
    """Those options that Ollama calls so: the others say how it is asked."""
    return {name: value for name, value in options.items() if name not in ("think", "cold")}
