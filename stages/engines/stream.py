"""What every engine's streamed answer comes down to: pieces of text, figures, one end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from stages.engines.protocol import Fault, Outcome

LONGEST_LINE = 2**20  # bytes; a thousand times what a server sends of one token


class StreamFault(Exception):  # noqa: N818 (protocol.py calls it a fault)
    """A request that failed: the kind of fault, and why in plain words.

    ``status`` is the HTTP status where the server refused; else null.
    """

    def __init__(self, fault: Fault, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.fault, self.reason, self.status = fault, reason, status


@dataclass(frozen=True)
class Delta:
    """A piece of text, and how many tokens the server counted for it."""

    kind: Literal["content", "thinking"]
    text: str
    tokens: int | None


@dataclass
class Figures:
    """What the server said of the request so far; null until it says so."""

    load_ns: int | None = None
    prefill_ns: int | None = None
    decode_ns: int | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    finish: Literal["stop", "length"] | None = None
    counted: int | None = field(default=0, repr=False)

    def outcome(self, fault: StreamFault | None = None) -> Outcome:
        """How the response ended: by ``fault``, or as ``finish`` says."""
        figures = (
            self.load_ns,
            self.prefill_ns,
            self.decode_ns,
            self.prompt_tokens,
            self.output_tokens,
        )
        if fault is None:
            return Outcome(self.finish or "stop", None, None, None, *figures)
        stop: Literal["timeout", "error"] = (
            "timeout" if fault.fault in ("stall", "deadline") else "error"
        )
        return Outcome(stop, fault.reason, fault.fault, None, *figures)


Reader = Callable[[Iterable[str], Figures], Iterator[Delta]]
"""Yields the text of a stream's lines as it arrives, filling the figures on the way.

Raises ``StreamFault`` on anything but a well-formed stream with an end.
"""


def split_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """The lines of a body, each as soon as it is there.

    A last line without its line feed was cut and is dropped. Raises ``StreamFault``.
    """
    rest = bytearray()
    for piece in pieces:
        rest += piece
        if b"\n" in piece:
            *whole, last = rest.split(b"\n")
            rest = bytearray(last)
            for line in whole:
                yield _decoded(line)
        if len(rest) > LONGEST_LINE:
            raise StreamFault("garbage", f"the server sent a line of over {LONGEST_LINE} bytes")


def ends_as(reason: object) -> Literal["stop", "length"]:
    """How the server says that an answer ended. Raises ``StreamFault`` for no such end.

    Ollama also says ``load`` and ``unload``, when it did that instead of answering.
    """
    if reason == "stop":
        return "stop"
    if reason == "length":
        return "length"
    raise StreamFault(
        "unfinished", f"the server ended the stream as {reason!r:.40}, which is no answer's end"
    )


def _decoded(line: bytearray) -> str:
    try:
        return line.decode().rstrip("\r")
    except UnicodeDecodeError:
        raise StreamFault("garbage", f"the server sent no UTF-8: {bytes(line[:40])!r}") from None
