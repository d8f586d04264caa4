"""A stream as tags and the texts between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from itertools import groupby
from typing import NamedTuple

_TAG = re.compile(r"</?think>")


class Is(Enum):
    """What a token is: the server's own thinking, the model's text and tags, or ours."""

    NATIVE = auto()
    TEXT = auto()
    OPEN = auto()
    CLOSE = auto()
    OURS = auto()
    OUR_OPEN = auto()
    OUR_CLOSE = auto()


_CONTENT = {None: Is.TEXT, "<think>": Is.OPEN, "</think>": Is.CLOSE}
_INJECTED = {None: Is.OURS, "<think>": Is.OUR_OPEN, "</think>": Is.OUR_CLOSE}


class Token(NamedTuple):
    """``stream[start:end]``."""

    what: Is
    start: int
    end: int


def runs_of(chunks: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbouring chunks of one field joined to one; empty chunks say nothing."""
    said = ((name, text) for name, text in chunks if text)
    return [
        (name, "".join(text for _, text in group))
        for name, group in groupby(said, key=lambda chunk: chunk[0])
    ]


def tokens_of(runs: Iterable[tuple[str, str]]) -> Iterator[Token]:
    """The tokens of a stream's runs, in order and without a gap.

    An unknown field is a ``ValueError``.
    """
    offset = 0
    for name, text in runs:
        match name:
            case "thinking":
                yield Token(Is.NATIVE, offset, offset + len(text))
            case "content" | "injected":
                names = _CONTENT if name == "content" else _INJECTED
                here = 0
                for tag in _TAG.finditer(text):
                    if tag.start() > here:
                        yield Token(names[None], offset + here, offset + tag.start())
                    yield Token(names[tag.group()], offset + tag.start(), offset + tag.end())
                    here = tag.end()
                if here < len(text):
                    yield Token(names[None], offset + here, offset + len(text))
            case _:
                raise ValueError(f"unknown field of a stream: {name!r}")
        offset += len(text)
