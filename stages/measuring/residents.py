"""Which models are loaded: exactly those that the next measurement needs, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from stages.engines.protocol import EngineError, Running
from stages.engines.select import engine_for
from stages.manifest import Manifest, Missing
from stages.measuring.session import Measuring
from stages.plans.units import Asking, Limits


class Residents:
    """Loads and unloads the models of a roster.

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for key in list(self._loaded):
            self._unload(key)

    def exactly(self, keys: Sequence[str]) -> dict[str, Running]:
        """Load these models and unload every other. Raises ``EngineError``."""
        for key in self._loaded.keys() - set(keys):
            self._unload(key)
        for key in keys:
            if key not in self._loaded:
                self._load(key)
        self._session.tracer.settle()
        return {key: self._loaded[key][0] for key in keys}

    def _load(self, key: str) -> None:
        manifest = self._manifests[key]
        if isinstance(manifest, Missing):
            raise EngineError(f"{key} couldn't be had: {manifest.error}")
        with ExitStack() as stack:
            running = stack.enter_context(
                engine_for(manifest).start(
                    manifest, self._roster[key], self._limits, len(self._roster), self._session.log
                )
            )
            for pid in running.processes:
                self._session.tracer.watch(pid, key, "engine")
                stack.callback(self._session.tracer.forget, pid)
            stack.callback(self._session.tracer.settle)
            self._loaded[key] = running, stack.pop_all()

    def _unload(self, key: str) -> None:
        _, stack = self._loaded.pop(key)
        stack.close()
