"""What every engine gives: a running model that answers chats as a stream of timed chunks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from stages.trace.followed import Followed

Message = dict[str, str]
Stop = Literal["stop", "length", "error", "timeout", "refused"]
Fault = Literal[
    "connection",  # nobody answers at the address
    "reset",  # the connection was lost before the stream's end
    "stall",  # no text for stall_s
    "deadline",  # timeout_s passed
    "busy",  # the server asks to come back later (HTTP 429, 503)
    "failed",  # the server failed (HTTP 5xx)
    "rejected",  # the server won't answer this request (HTTP 4xx)
    "reported",  # an error inside a stream that had begun well
    "garbage",  # bytes that the protocol doesn't know
    "unfinished",  # a stream that ends without its final chunk
]
PASSING: frozenset[Fault] = frozenset(
    {"connection", "reset", "stall", "busy", "failed", "reported", "garbage", "unfinished"}
)
"""Faults that another try can mend; the same request would be rejected or too slow again."""


@dataclass(frozen=True)
class Request:
    """One turn to answer: the whole conversation so far and the seed.

    ``patient``: the model may have to wait for others first, so that silence is no stall and only
    ``timeout_s`` bounds it.
    """

    messages: list[Message]
    seed: int
    patient: bool = False


@dataclass(frozen=True)
class Chunk:
    """A piece of text as it arrived (columns as in ``stages/records.py``)."""

    leg: int
    t_ns: int
    field: Literal["content", "thinking", "injected"]
    text: str
    tokens: int | None


@dataclass(frozen=True)
class Outcome:
    """How a response ended, and the server's own figures (null where it gave none)."""

    stop: Stop
    reason: str | None = None
    fault: Fault | None = None
    thought_end: Literal["closed", "stopped", "limit"] | None = None
    load_ns: int | None = None
    prefill_ns: int | None = None
    decode_ns: int | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None


class EngineError(Exception):
    """The engine can't serve the model now; the message says why and what to do.

    ``fault`` is null where the user's input or machine must change first.
    """

    def __init__(self, message: str, fault: Fault | None = None) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True)
class Serving:
    """What would answer, and every option that would go with each request, threads included.

    ``engine_version`` is null while the server can't be asked. ``place`` is the address of a server
    elsewhere, whose hardware isn't this machine's; null here. ``remark`` says what of params.yaml
    can't be done, and what is done in its place; null where all can.
    """

    engine_version: str | None
    options: dict[str, Any]
    place: str | None = None
    remark: str | None = None


class Running(Protocol):
    """A model that answers: loaded already, or, where ``cold``, loaded anew for each request."""

    @property
    def engine_version(self) -> str | None:
        """Version of the engine that answers."""

    @property
    def options(self) -> dict[str, Any]:
        """Every option that goes with each request, resolved, threads included."""

    @property
    def name(self) -> str:
        """What its server calls it."""

    @property
    def followed(self) -> Followed:
        """How to find the processes that do its work."""

    @property
    def unseen(self) -> str | None:
        """Why those processes can't be seen from here; null where they can."""

    def prepare(self, beside: Collection[str]) -> None:
        """Before each request: have its server hold nothing but itself and those ``beside`` it.

        By name; a server that isn't ours to command is left as it is. Where it is to be ``cold``
        it is unloaded, too.
        """

    def held(self) -> list[str] | None:
        """Names of all models that its server has in memory now; null where that can't be known."""

    def ask(self, request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """Answer one turn; each chunk goes to ``sink`` as it arrives. Faults become outcomes."""


class Engine(Protocol):
    """A way to run models."""

    def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:
        """What ``start`` would run, without loading anything. Raises ``EngineError``."""

    def clear(self, log: Path) -> int | None:
        """Before a test: have its server hold no model, where it is ours to command.

        Gives how many models it keeps in memory at once; null where that isn't known, or as many
        as fit. Raises ``EngineError``.
        """

    def start(
        self, manifest: Manifest, asking: Asking, limits: Limits, concurrent: int, log: Path
    ) -> AbstractContextManager[Running]:
        """Make the model ready, beside ``concurrent - 1`` others; stop it on leaving.

        ``log`` is where the engine's own output goes. Raises ``EngineError``.
        """
