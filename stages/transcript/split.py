"""Thinking, answer and markup of one response, told apart by the tags and fields of its stream.

The rules, in the order in which they apply:

1. Text that the server sent in its ``thinking`` field is thinking.
2. Injected text is markup, never the model's. A ``<think>`` in it opens a thought; a ``</think>``
   in it closes one, however deeply nested.
3. ``<think>`` opens a thought where only whitespace stands before it in the answer so far: at the
   very start, or straight after a closed thought. Anywhere else it is text that speaks of a tag.
4. ``</think>`` closes the thought, whatever surrounds it. Tags inside a thought nest; where fewer
   close than were opened, the last one that did close ended the thought.
5. A ``</think>`` in a response in which no thought was ever opened ends one: all before it was
   thinking (chat templates often open the thought themselves). In fenced or inline code, or after
   a ``<think>`` in the middle of a sentence, it is text.
6. ``</think>`` straight after a closed thought is a repeated tag: markup. Once the answer has
   begun, tags in it are text.
7. A thought that is never closed runs to the end of the stream, and there is no answer.
8. Whitespace beside a tag, between fields and at either end of the stream is markup, so thinking
   and answer come trimmed.

A tag is recognised within a run of one field: the server never spreads one over two fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from stages.transcript.code import code_spans
from stages.transcript.tags import Is, Token, runs_of, tokens_of

Kind = Literal["thinking", "answer", "markup"]


class Part(NamedTuple):
    """``stream[start:end]`` and what it is. Offsets count characters."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Split:
    """A stream cut into parts, which joined in order give ``stream`` back exactly.

    ``thought`` says that a thought was opened, be it empty; ``open``, that it never ended.
    """

    stream: str
    parts: tuple[Part, ...]
    thought: bool
    open: bool

    @property
    def thinking(self) -> str | None:
        """The thoughts, with an empty line between two; null if there was no thinking."""
        return self._joined("thinking") or None

    @property
    def answer(self) -> str | None:
        """The answer, empty if the model said nothing; null if the thought never ended."""
        return None if self.open else self._joined("answer")

    def _joined(self, kind: Kind) -> str:
        return "\n\n".join(
            self.stream[part.start : part.end] for part in self.parts if part.kind == kind
        )


def split(chunks: Iterable[tuple[str, str]]) -> Split:
    """Split the ``(field, text)`` chunks of one response; where the text was cut doesn't matter.

    Takes time linear in the length of the text. An unknown field is a ``ValueError``.
    """
    runs = runs_of(chunks)
    stream = "".join(text for _, text in runs)
    machine = _Machine(stream, list(tokens_of(runs)))
    kinds = machine.run()
    parts = tuple(_trimmed(stream, _merged(machine.tokens, kinds)))
    return Split(stream, parts, machine.thought, machine.open)


class _Machine:
    """Walks over the tokens once and says what each is."""

    def __init__(self, stream: str, tokens: list[Token]) -> None:
        self.stream = stream
        self.tokens = tokens
        self.thought = False  # one was opened, so a later ``</think>`` isn't a lone one
        self.open = False  # the stream stands inside a thought
        self.answering = False  # the answer has begun since the last thought
        self.mentioned = False  # the answer speaks of ``<think>``: rule 5
        self.code = _Code(stream)

    def run(self) -> list[Kind]:
        kinds: list[Kind] = []
        while len(kinds) < len(self.tokens):
            here = len(kinds)
            token = self.tokens[here]
            match token.what:
                case Is.OUR_OPEN:
                    self._think(kinds, here)
                case Is.OPEN if not self.answering:
                    self._think(kinds, here)
                case Is.NATIVE:
                    kinds.append("thinking")
                    self.thought, self.open, self.answering = True, True, False
                case Is.OURS:
                    kinds.append("markup")
                case Is.OUR_CLOSE:
                    self._close(kinds)
                case Is.CLOSE if not self.thought and self._lone(token):
                    self._close(kinds)
                case Is.CLOSE if self.thought and not self.answering:
                    self._close(kinds)
                case _:
                    self._say(kinds, token)
        return kinds

    def _think(self, kinds: list[Kind], here: int) -> None:
        """Label a thought, from its opening tag at ``here`` to where it ends."""
        end = _thought_end(self.tokens, here, self.stream)
        self.thought, self.open, self.answering = True, end is None, False
        inside = self.tokens[here:] if end is None else self.tokens[here : end + 1]
        kinds.extend(
            "thinking" if token.what in (Is.TEXT, Is.NATIVE) else "markup" for token in inside
        )

    def _close(self, kinds: list[Kind]) -> None:
        if not self.thought:
            kinds[:] = ["thinking" if kind == "answer" else kind for kind in kinds]
        kinds.append("markup")
        self.thought, self.open, self.answering = True, False, False

    def _say(self, kinds: list[Kind], token: Token) -> None:
        kinds.append("answer")
        self.open = False  # the server ends a thought of its own by changing the field
        self.answering = self.answering or not self.stream[token.start : token.end].isspace()
        if token.what is Is.OPEN and not self.thought:
            self.mentioned = self.mentioned or not self.code.covers(token.start)

    def _lone(self, token: Token) -> bool:
        return not self.mentioned and not self.code.covers(token.start)


def _thought_end(tokens: list[Token], here: int, stream: str) -> int | None:
    """Index of the token that ends the thought opened at ``here``; null if none does (rule 4)."""
    depth, last, fresh = 1, None, True
    for index in range(here + 1, len(tokens)):
        token = tokens[index]
        match token.what:
            case Is.OUR_CLOSE:
                return index
            case Is.CLOSE:
                depth, last = depth - 1, index
                if not depth:
                    return index
            case Is.OPEN:
                depth += not fresh  # said twice with nothing between, it opens one thought
                fresh = True
            case Is.TEXT | Is.NATIVE:
                fresh = fresh and stream[token.start : token.end].isspace()
            case Is.OURS | Is.OUR_OPEN:
                pass
    return last


class _Code:
    """Whether offsets, asked for in rising order, lie in code."""

    def __init__(self, text: str) -> None:
        self._spans = code_spans(text)
        self._span = (0, 0)

    def covers(self, offset: int) -> bool:
        while self._span[1] <= offset:
            following = next(self._spans, None)
            if following is None:
                return False
            self._span = following
        return self._span[0] <= offset


def _merged(tokens: list[Token], kinds: list[Kind]) -> Iterator[Part]:
    for kind, group in groupby(zip(kinds, tokens, strict=True), key=lambda pair: pair[0]):
        members = [token for _, token in group]
        yield Part(kind, members[0].start, members[-1].end)


def _trimmed(stream: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Rule 8; neighbouring pieces of markup stay apart, they are joined by nobody."""
    for part in parts:
        if part.kind == "markup":
            yield part
            continue
        text = stream[part.start : part.end]
        start = part.start + len(text) - len(text.lstrip())
        end = max(start, part.start + len(text.rstrip()))
        pieces = (
            Part("markup", part.start, start),
            Part(part.kind, start, end),
            Part("markup", end, part.end),
        )
        yield from (piece for piece in pieces if piece.end > piece.start)
