"""The chunks of one response by part: what each held of thinking and of answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from stages.transcript.split import Split

Owner = Literal["thinking", "answer"]


class Chunk(NamedTuple):
    """A raw chunk. ``tokens`` is null where the server didn't count."""

    field: str
    text: str
    t_ns: int | None
    tokens: int | None


@dataclass
class Piece:
    """What one chunk holds of one part.

    ``says`` tells the part's own text from tags and whitespace that merely belong to it.
    """

    t_ns: int | None
    part: Owner
    tokens: int | None
    characters: int
    says: bool


def pieces(split: Split, chunks: Sequence[Chunk]) -> Iterator[Piece]:
    """The generated chunks in order, each cut where the part changes; injected ones are left out.

    Markup belongs to the part before it, at the start of a response to the thought if there is
    one: so a thought's tags count as thinking. The tokens of a chunk that holds both parts are
    shared out by characters, rounded so that their sum stays the server's.
    """
    spans = list(_owned(split))
    at, offset = 0, 0
    for chunk in chunks:
        end = offset + len(chunk.text)
        held: list[Piece] = []
        here = offset
        while here < end:
            while spans[at].end <= here:
                at += 1
            span = spans[at]
            there = min(end, span.end)
            if held and held[-1].part == span.owner:
                held[-1].characters += there - here
                held[-1].says |= span.says
            else:
                held.append(Piece(chunk.t_ns, span.owner, None, there - here, span.says))
            here = there
        offset = end
        if chunk.field == "injected":
            continue
        if not held and chunk.tokens:  # a token that shows nothing, such as the end of the turn
            owner = spans[at].owner if spans else "answer"
            held.append(Piece(chunk.t_ns, owner, None, 0, says=False))
        _share(chunk.tokens, held)
        yield from held


class _Span(NamedTuple):
    end: int
    owner: Owner
    says: bool


def _owned(split: Split) -> Iterator[_Span]:
    owner: Owner = "thinking" if split.thought else "answer"
    for part in split.parts:
        if part.kind != "markup":
            owner = part.kind
        yield _Span(part.end, owner, part.kind != "markup")


def _share(tokens: int | None, held: list[Piece]) -> None:
    if tokens is None or not held:
        return
    whole = sum(piece.characters for piece in held) or 1
    passed, given = 0, 0
    for piece in held:
        passed += piece.characters
        piece.tokens = round(tokens * passed / whole) - given
        given += piece.tokens
    held[-1].tokens = (held[-1].tokens or 0) + tokens - given
