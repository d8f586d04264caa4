"""One request of a response: sent, read to its end, and turned into an outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx

from stages.engines.exchange import exchange
from stages.engines.protocol import Chunk, Outcome
from stages.engines.stream import Figures, Reader, StreamFault, split_lines
from stages.engines.watchdog import Watchdog
from stages.plans.units import Limits


@dataclass
class Leg:
    """A chat to send to ``path`` and to ``read``, until ``deadline`` (a monotonic time).

    It also ends once its text holds ``until``. ``texts`` are the pieces that came; ``reached``
    says whether ``until`` did.
    """

    client: httpx.Client
    path: str
    body: Any
    read: Reader
    limits: Limits
    deadline: float
    number: int = 0
    until: str | None = None
    texts: list[str] = field(default_factory=list)
    reached: bool = False

    def run(self, sink: Callable[[Chunk], None]) -> Outcome:
        """Read to the end, the mark or the fault; each piece of text goes to ``sink``."""
        figures = Figures()
        try:
            self._run(figures, sink)
        except StreamFault as fault:
            return figures.outcome(fault)
        return figures.outcome()

    def _run(self, figures: Figures, sink: Callable[[Chunk], None]) -> None:
        tail = ""
        with (
            Watchdog(self.limits, self.deadline) as watch,
            closing(exchange(self.client, "POST", self.path, self.body, watch)) as pieces,
        ):
            for delta in self.read(split_lines(pieces), figures):
                watch.heard()
                now = time.monotonic_ns()
                sink(Chunk(self.number, now, delta.kind, delta.text, delta.tokens))
                self.texts.append(delta.text)
                if self.until:
                    tail += delta.text
                    if self.until in tail:
                        self.reached = True
                        return
                    tail = tail[-len(self.until) :]
                watch.check()
