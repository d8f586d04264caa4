"""A model that the embedded engine has loaded, and how it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Protocol

import httpx

from stages.engines.embedded_load import Load, load
from stages.engines.leg import Leg
from stages.engines.options import NEUTRAL
from stages.engines.protocol import Chunk, EngineError, Message, Outcome, Request, Serving
from stages.engines.sse import read_events
from stages.engines.untrusted import total
from stages.plans.units import Asking, Limits
from stages.trace.followed import Followed

OPEN, CLOSE = "<think>\n", "\n</think>\n\n"


class Server(Protocol):
    """The process behind a model."""

    def death(self) -> str | None:
        """What ended it; null where it lives."""


class _Own:
    """What is true of every model in a process of our own: it is alone there, and in sight."""

    def __init__(self, mark: str, asking: Asking, limits: Limits, serving: Serving) -> None:
        self.engine_version, self.options = serving.engine_version, serving.options
        self.name, self.followed, self.unseen = asking.key, Followed(mark), None
        self._asking, self._limits = asking, limits

    def prepare(self, beside: Collection[str]) -> None:
        """See ``Running.prepare``: nothing else is in its process."""

    def held(self) -> list[str] | None:
        """See ``Running.held``."""
        return [self.name]


class EmbeddedModel(_Own):
    """One loaded model, to be asked through ``client``."""

    def __init__(
        self,
        client: httpx.Client,
        server: Server,
        mark: str,
        asking: Asking,
        limits: Limits,
        serving: Serving,
    ) -> None:
        super().__init__(mark, asking, limits, serving)
        self._client, self._server = client, server

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """See ``Running.ask``. Prompted thinking takes two legs: the thought, then the answer."""
        deadline = time.monotonic() + self._limits.timeout_s
        if self._asking.think == "prompted":
            outcome = self._think_aloud(request, sink, deadline)
        else:
            budget = self._asking.options.num_predict
            outcome = self._leg(request, 0, request.messages, budget, deadline).run(sink)
        if outcome.fault in ("connection", "reset") and (death := self._server.death()):
            return replace(outcome, fault="reset", reason=death)
        return outcome

    def _think_aloud(
        self, request: Request, sink: Callable[[Chunk], None], deadline: float
    ) -> Outcome:
        """Open the thought for the model, bound it, close it, and ask for the answer."""
        most = self._asking.max_thinking_tokens
        assert most is not None  # the plan says so with every prompted model
        sink(Chunk(0, time.monotonic_ns(), "injected", OPEN, 0))
        opened: Message = {"role": "assistant", "content": OPEN}
        first = self._leg(request, 0, [*request.messages, opened], most, deadline, "</think>")
        thought = first.run(sink)
        if thought.fault:
            return thought
        closing = CLOSE.removeprefix("\n</think>") if first.reached else CLOSE
        sink(Chunk(0, time.monotonic_ns(), "injected", closing, 0))
        whole: Message = {"role": "assistant", "content": OPEN + "".join(first.texts) + closing}
        spent = thought.output_tokens or 0
        budget = max(1, self._asking.options.num_predict - spent)
        answer = self._leg(request, 1, [*request.messages, whole], budget, deadline).run(sink)
        return replace(
            answer,
            thought_end="closed"
            if first.reached
            else ("limit" if thought.stop == "length" else "stopped"),
            prefill_ns=total(thought.prefill_ns, answer.prefill_ns),
            decode_ns=total(thought.decode_ns, answer.decode_ns),
            prompt_tokens=thought.prompt_tokens,
            output_tokens=total(thought.output_tokens, answer.output_tokens),
        )

    def _leg(
        self,
        request: Request,
        number: int,
        messages: list[Message],
        budget: int,
        deadline: float,
        until: str | None = None,
    ) -> Leg:
        return Leg(
            client=self._client,
            path="/v1/chat/completions",
            body=self._body(request, messages, budget, number),
            read=read_events,
            limits=self._limits,
            deadline=deadline,
            number=number,
            until=until,
        )

    def _body(self, request: Request, messages: list[Message], budget: int, leg: int) -> Any:
        """The request's body, every option stated: no default of the server's has a say."""
        options, think = self.options, self._asking.think
        template: dict[str, Any] = {}
        if think != "prompted" and think is not None:
            template["enable_thinking"] = think is not False
            if isinstance(think, str):
                template["reasoning_effort"] = think
        return {
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "timings_per_token": True,
            "seed": request.seed,
            "max_tokens": budget,
            "temperature": options["temperature"],
            "top_p": options["top_p"],
            "top_k": options["top_k"],
            **{name: options[name] for name in NEUTRAL},
            "repeat_penalty": options["repeat_penalty"],
            "chat_template_kwargs": template,
            "reasoning_format": "none" if think in ("prompted", False) else "deepseek",
            # The prompt is always read afresh; the second leg goes on where the first one stopped.
            "cache_prompt": leg > 0,
        }


class ColdModel(_Own):
    """A model that is loaded for each request and unloaded before the next one."""

    def __init__(self, wanted: Load, asking: Asking, limits: Limits, serving: Serving) -> None:
        super().__init__(wanted.mark, asking, limits, serving)
        self._wanted, self._serving = wanted, serving
        self._loaded = ExitStack()

    def prepare(self, beside: Collection[str]) -> None:  # noqa: ARG002 (nothing else is there)
        """See ``Running.prepare``."""
        self._loaded.close()

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """See ``Running.ask``. ``load_ns`` is by our own clock: from no process to a ready one."""
        began = time.monotonic_ns()
        try:
            client, server = self._loaded.enter_context(load(self._wanted))
        except EngineError as error:
            return Outcome("error", str(error), error.fault or "rejected")
        load_ns = time.monotonic_ns() - began
        model = EmbeddedModel(
            client, server, self._wanted.mark, self._asking, self._limits, self._serving
        )
        return replace(model.ask(request, sink), load_ns=load_ns)

    def close(self) -> None:
        """Unload it."""
        self._loaded.close()
