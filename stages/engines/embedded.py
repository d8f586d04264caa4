"""The embedded engine: llama.cpp through ``xllamacpp``, one server process a model."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from stages.engines.embedded_version import embedded_version
from stages.engines.protocol import Chunk, EngineError, Message, Outcome, Request, Stop
from stages.engines.sse import Figures, StreamError, read_events
from stages.engines.threads import threads_for
from stages.engines.weights import digest, locate
from stages.errors import UserError
from stages.machine import usable_cores
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits

START_S = 600.0  # a 40 GB file from a slow disk
OPEN, CLOSE = "<think>\n", "\n</think>\n\n"


class EmbeddedEngine:
    """Runs GGUF files in processes of our own."""

    @contextmanager
    def start(
        self, manifest: Manifest, asking: Asking, limits: Limits, concurrent: int, log: Path
    ) -> Iterator[EmbeddedModel]:
        """See ``Engine.start``. Refuses a file whose content isn't what was pulled."""
        cores = usable_cores()
        threads = threads_for(concurrent, cores)
        if threads is None:
            raise EngineError(
                f"{concurrent} models side by side need {concurrent} cores and this process may "
                f"use {cores}; take models out of the test's roster"
            )
        path = _checked(manifest)
        api_key = secrets.token_urlsafe(24)
        settings = {
            "path": str(path),
            "num_ctx": asking.options.num_ctx,
            "threads": threads,
            "api_key": api_key,
        }
        with log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "stages.engines.embedded_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        try:
            address = _handshake(process, settings, log)
            with httpx.Client(
                base_url=address,
                headers={"Authorization": f"Bearer {api_key}"},
                timeout=httpx.Timeout(limits.stall_s, connect=10.0),
                trust_env=False,  # a proxy from the environment has no business on loopback
            ) as client:
                _check_health(client, log)
                yield EmbeddedModel(client, process.pid, asking, limits, threads)
        finally:
            _stop(process)


class EmbeddedModel:
    """One loaded model."""

    def __init__(
        self, client: httpx.Client, pid: int, asking: Asking, limits: Limits, threads: int
    ) -> None:
        self.engine_version = embedded_version()
        self._client = client
        self._pid = pid
        self._asking = asking
        self._limits = limits
        self._threads = threads

    @property
    def options(self) -> dict[str, Any]:
        """See ``Running.options``."""
        options: dict[str, Any] = self._asking.options.model_dump()
        if self._asking.think == "prompted":
            options["max_thinking_tokens"] = self._asking.max_thinking_tokens
        return options | {"think": self._asking.think, "num_thread": self._threads}

    @property
    def processes(self) -> list[int]:
        """See ``Running.processes``."""
        return [self._pid]

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """See ``Running.ask``. Prompted thinking takes two legs: the thought, then the answer."""
        deadline = time.monotonic() + self._limits.timeout_s
        if self._asking.think != "prompted":
            budget = self._asking.options.num_predict
            leg = _Leg(self, request, 0, request.messages, budget, deadline)
            return leg.run(sink)
        return self._think_aloud(request, sink, deadline)

    def _think_aloud(
        self, request: Request, sink: Callable[[Chunk], None], deadline: float
    ) -> Outcome:
        """Open the thought for the model, bound it, close it, and ask for the answer."""
        most = self._asking.max_thinking_tokens
        assert most is not None  # the plan says so with every prompted model
        sink(Chunk(0, time.monotonic_ns(), "injected", OPEN, 0))
        opened: Message = {"role": "assistant", "content": OPEN}
        first = _Leg(self, request, 0, [*request.messages, opened], most, deadline, "</think>")
        thought = first.run(sink)
        if thought.stop not in ("stop", "length"):
            return thought
        closed = first.reached
        closing = CLOSE.removeprefix("\n</think>") if closed else CLOSE
        sink(Chunk(0, time.monotonic_ns(), "injected", closing, 0))
        whole: Message = {"role": "assistant", "content": OPEN + "".join(first.texts) + closing}
        spent = thought.output_tokens or 0
        budget = max(1, self._asking.options.num_predict - spent)
        second = _Leg(self, request, 1, [*request.messages, whole], budget, deadline)
        answer = second.run(sink)
        return Outcome(
            stop=answer.stop,
            reason=answer.reason,
            thought_end="closed"
            if closed
            else ("limit" if thought.stop == "length" else "stopped"),
            prefill_ns=_sum(thought.prefill_ns, answer.prefill_ns),
            decode_ns=_sum(thought.decode_ns, answer.decode_ns),
            prompt_tokens=thought.prompt_tokens,
            output_tokens=_sum(thought.output_tokens, answer.output_tokens),
        )

    def body(self, request: Request, messages: list[Message], budget: int, leg: int) -> Any:
        """The request's body, every option stated: no default of the server's has a say."""
        options = self._asking.options
        think = self._asking.think
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
            "temperature": options.temperature,
            "top_p": options.top_p,
            "top_k": options.top_k,
            "min_p": 0.0,
            "repeat_penalty": options.repeat_penalty,
            "chat_template_kwargs": template,
            "reasoning_format": "none" if think in ("prompted", False) else "deepseek",
            # The prompt is always read afresh; the second leg goes on where the first one stopped.
            "cache_prompt": leg > 0,
        }

    @contextmanager
    def stream(self, body: Any) -> Iterator[Iterator[str]]:
        """Send a chat and give its lines."""
        with self._client.stream("POST", "/v1/chat/completions", json=body) as response:
            if response.status_code != httpx.codes.OK:
                text = response.read().decode("utf-8", "replace")[:300]
                raise StreamError(f"HTTP {response.status_code}: {text}")
            yield response.iter_lines()


class _Leg:
    """One request to the server, read to its end, its deadline or its stop mark."""

    def __init__(
        self,
        model: EmbeddedModel,
        request: Request,
        number: int,
        messages: list[Message],
        budget: int,
        deadline: float,
        until: str | None = None,
    ) -> None:
        self._model = model
        self._number = number
        self._body = model.body(request, messages, budget, number)
        self._deadline = deadline
        self._until = until
        self.texts: list[str] = []
        self.reached = False

    def run(self, sink: Callable[[Chunk], None]) -> Outcome:
        figures = Figures()
        tail = ""
        try:
            with self._model.stream(self._body) as lines:
                for delta in read_events(lines, figures):
                    now = time.monotonic_ns()
                    sink(Chunk(self._number, now, delta.kind, delta.text, delta.tokens))
                    self.texts.append(delta.text)
                    if time.monotonic() > self._deadline:
                        return self._outcome(figures, "timeout", "deadline (timeout_s) passed")
                    if self._until:
                        tail += delta.text
                        if self._until in tail:
                            self.reached = True
                            return self._outcome(figures, "stop")
                        tail = tail[-len(self._until) :]
        except httpx.ReadTimeout:
            return self._outcome(figures, "timeout", "no text for stall_s seconds")
        except (httpx.HTTPError, StreamError) as fault:
            reason = str(fault) or type(fault).__name__
            return self._outcome(figures, "error", f"the embedded server failed: {reason}")
        return self._outcome(figures, "length" if figures.finish == "length" else "stop")

    def _outcome(self, figures: Figures, stop: Stop, reason: str | None = None) -> Outcome:
        return Outcome(
            stop=stop,
            reason=reason,
            prefill_ns=figures.prefill_ns,
            decode_ns=figures.decode_ns,
            prompt_tokens=figures.prompt_tokens,
            output_tokens=figures.output_tokens,
        )


def _checked(manifest: Manifest) -> Path:
    assert manifest.gguf is not None
    try:
        path = locate(manifest.gguf)
    except UserError as error:
        raise EngineError(str(error)) from error
    if (found := digest(path)) != manifest.weights_digest:
        raise EngineError(
            f"{manifest.gguf} has changed since it was pulled ({manifest.weights_digest[:19]}… "
            f"then, {found[:19]}… now); `dvc repro --force pull@{manifest.key}` takes the new one"
        )
    return path


def _handshake(process: subprocess.Popen[bytes], settings: dict[str, Any], log: Path) -> str:
    """Hand over the settings and wait for the address."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        process.stdin.flush()
        too_long = threading.Timer(START_S, process.kill)
        too_long.start()
        try:
            return str(json.loads(process.stdout.readline())["address"])
        finally:
            too_long.cancel()
    except (OSError, ValueError) as error:
        raise EngineError(f"the model couldn't be loaded: {_last_words(log)}") from error


def _check_health(client: httpx.Client, log: Path) -> None:
    try:
        client.get("/health").raise_for_status()
    except httpx.HTTPError as error:
        raise EngineError(f"the server isn't well ({error}): {_last_words(log)}") from error


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    errors = [line for line in lines if " E " in line or "rror" in line]
    return " ".join((errors or lines or ["it said nothing"])[-1].split())[:300]


def _stop(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError):  # unsent bytes to a process that has died
                pipe.close()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _sum(*values: int | None) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
