"""The Ollama engine: models by tag, on a server that is already there."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import ollama
import psutil

from stages.engines.ollama_server import FAULTS, connect, is_local, version_of, weights_digest
from stages.engines.protocol import Chunk, EngineError, Outcome, Request, Stop
from stages.engines.threads import threads_for
from stages.machine import usable_cores
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits


class OllamaEngine:
    """Runs models in the Ollama server at ``host`` (or OLLAMA_HOST, or the default address)."""

    def __init__(self, host: str | None = None) -> None:
        self._host = host

    @contextmanager
    def start(
        self,
        manifest: Manifest,
        asking: Asking,
        limits: Limits,
        concurrent: int,
        log: Path,  # noqa: ARG002 (its log is its own)
    ) -> Iterator[OllamaModel]:
        """Load the model and check that it is what was pulled; unload it on leaving."""
        client = connect(self._host, limits.stall_s)
        version = version_of(client)
        assert manifest.ollama is not None
        try:
            found = weights_digest(client.show(manifest.ollama))
            if found != manifest.weights_digest:
                raise EngineError(
                    f"{manifest.ollama} is other weights than were pulled "
                    f"({manifest.weights_digest[:19]}… then, {str(found)[:19]}… now); "
                    f"`dvc repro --force pull@{manifest.key}` takes the new ones"
                )
        except FAULTS as error:
            raise EngineError(f"{manifest.ollama} can't be looked up: {error}") from error
        threads = _threads(concurrent) if is_local(client) else None
        model = OllamaModel(client, manifest, asking, limits, version, threads)
        try:
            # Loading may take longer than any piece of an answer: only timeout_s bounds it.
            loader = connect(self._host, limits.timeout_s)
            try:
                loader.generate(manifest.ollama, options=model.sent, keep_alive=-1)
            except FAULTS as error:
                raise EngineError(f"{manifest.ollama} couldn't be loaded: {error}") from error
            yield model
        finally:
            _unload(client, manifest.ollama)


class OllamaModel:
    """One model that the server holds."""

    def __init__(
        self,
        client: ollama.Client,
        manifest: Manifest,
        asking: Asking,
        limits: Limits,
        engine_version: str,
        threads: int | None,
    ) -> None:
        self.engine_version = engine_version
        self._threads = {"num_thread": threads} if threads else {}
        self._client, self._asking, self._limits = client, asking, limits
        self._tag = str(manifest.ollama)
        self._digest = manifest.weights_digest.removeprefix("sha256:")
        self._thinks = "thinking" in manifest.capabilities
        self.sent = asking.options.model_dump() | self._threads | {"min_p": 0.0}

    @property
    def options(self) -> dict[str, Any]:
        """See ``Running.options``."""
        return self._asking.options.model_dump() | self._threads | {"think": self._asking.think}

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
        deadline = time.monotonic() + self._limits.timeout_s
        last: ollama.ChatResponse | None = None
        try:
            for part in self._stream(request):
                now = time.monotonic_ns()
                tokens = len(part.logprobs) if part.logprobs else None
                if part.message.thinking:
                    sink(Chunk(0, now, "thinking", part.message.thinking, tokens))
                if part.message.content:
                    sink(Chunk(0, now, "content", part.message.content, tokens))
                if time.monotonic() > deadline:
                    return Outcome("timeout", "deadline (timeout_s) passed")
                last = part
        except httpx.ReadTimeout:
            return Outcome("timeout", "no text for stall_s seconds")
        except FAULTS as error:
            return Outcome("error", f"the Ollama server failed: {error or type(error).__name__}")
        if last is None or not last.done:
            return Outcome("error", "the stream ended without its final chunk")
        return _outcome(last)

    def _stream(self, request: Request) -> Iterator[ollama.ChatResponse]:
        # Asking a model to think that can't is an error there; asking it not to never is.
        think = self._asking.think if self._thinks else None
        return self._client.chat(
            self._tag,
            messages=request.messages,
            stream=True,
            think=think,
            logprobs=True,
            options=self.sent | {"seed": request.seed},
            keep_alive=-1,
        )


def _threads(concurrent: int) -> int:
    cores = usable_cores()
    threads = threads_for(concurrent, cores)
    if threads is None:
        raise EngineError(
            f"{concurrent} models side by side need {concurrent} cores and this process may "
            f"use {cores}; take models out of the test's roster"
        )
    return threads


def _outcome(last: ollama.ChatResponse) -> Outcome:
    stop: Stop = "length" if last.done_reason == "length" else "stop"
    return Outcome(
        stop=stop,
        load_ns=last.load_duration,
        prefill_ns=last.prompt_eval_duration,
        decode_ns=last.eval_duration,
        prompt_tokens=last.prompt_eval_count,
        output_tokens=last.eval_count,
    )


def _unload(client: ollama.Client, tag: str) -> None:
    try:
        client.generate(tag, keep_alive=0)
    except FAULTS as error:
        print(f"{tag} may still be loaded: {error}", file=sys.stderr)
