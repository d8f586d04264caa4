"""Which models are loaded: exactly those that the next measurement needs, and no other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from stages.engines.protocol import EngineError, Running
from stages.engines.select import engine_for
from stages.manifest import Manifest, Missing
from stages.measuring.session import Measuring
from stages.plans.units import Asking, Limits

GIVE_UP = 3
"""A model that couldn't be loaded for so many units in a row, with all retries, is given up."""


class Residents:
    """Loads and unloads the models of a roster; a solo run is a roster of one.

    Every model gets the threads that it has side by side, also when it runs alone: a slowdown is
    then what the others cause, and not a change of threads.
    """

    def __init__(
        self,
        roster: Sequence[Asking],
        manifests: dict[str, Manifest | Missing],
        limits: Limits,
        session: Measuring,
    ) -> None:
        self._roster = {asking.key: asking for asking in roster}
        self._manifests = manifests
        self._limits = limits
        self._session = session
        self._loaded: dict[str, tuple[Running, ExitStack]] = {}
        self._failures: Counter[str] = Counter()
        self._given_up: dict[str, str] = {}
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop(list(self._loaded))

    def exactly(self, keys: Sequence[str]) -> dict[str, Running]:
        """Load these models and unload every other; called before each question.

        Raises ``EngineError``; its ``fault`` is null once there is no sense in another try.
        """
        self._session.tracer.revive()
        self.drop([key for key in self._loaded if key not in keys])
        new = [key for key in keys if key not in self._loaded]
        found = {key: self._loadable(key) for key in new}  # before any of them takes minutes
        for key, manifest in found.items():
            self._load(key, manifest)
        running = {key: self._loaded[key][0] for key in keys}
        names = [model.name for model in running.values()]
        try:
            for model in running.values():
                model.prepare(names)
        except EngineError:
            self.drop(keys)  # its server is another one now, or gone: all of it is started anew
            raise
        if new:
            self._session.tracer.settle()
        return running

    def drop(self, keys: Iterable[str]) -> None:
        """Unload these models. What a fault has left in an unknown state is loaded anew."""
        for key in keys:
            if key in self._loaded:
                _, stack = self._loaded.pop(key)
                stack.close()

    def _loadable(self, key: str) -> Manifest:
        manifest = self._manifests[key]
        if isinstance(manifest, Missing):
            raise EngineError(f"{key} couldn't be had: {manifest.error}")
        if reason := self._given_up.get(key):
            raise EngineError(reason)
        return manifest

    def _load(self, key: str, manifest: Manifest) -> None:
        try:
            self._start(key, manifest)
        except EngineError as error:
            self._failures[key] += 1
            # Weights of 40 GB are not hashed for every prompt to find them wrong again.
            if error.fault is None or self._failures[key] >= GIVE_UP * (1 + self._limits.retries):
                self._given_up[key] = str(error)
            raise
        self._failures[key] = 0

    def _start(self, key: str, manifest: Manifest) -> None:
        with ExitStack() as stack:
            running = stack.enter_context(
                engine_for(manifest).start(
                    manifest, self._roster[key], self._limits, len(self._roster), self._session.log
                )
            )
            self._follow(key, running, stack)
            self._loaded[key] = running, stack.pop_all()

    def _follow(self, key: str, running: Running, stack: ExitStack) -> None:
        tracer, followed = self._session.tracer, running.followed
        if reason := running.unseen:
            tracer.missing("process", key, reason)
            if reason not in self._said:
                self._said.add(reason)
                print(f"{key}: {reason}", file=sys.stderr)
        if followed.below is not None:
            tracer.watch(followed.below, None, "server")
        tracer.follow(key, followed)
        stack.callback(tracer.unfollow, key)
        stack.callback(tracer.settle)
