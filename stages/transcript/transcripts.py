"""What a reader finds in a transcript file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Transcript:
    """One response and what is known of it.

    ``line`` is its place in the file: the line of a JSONL file, the running number of the answer
    in an export, the number of the object in a JSON array. ``turns`` are the user's turns before
    it, none where the file doesn't hold them. ``open`` says that the thinking never ended, ``cut``
    that a limit ended the response. ``pair`` is the id of the prompt's control. ``output_tokens``
    is the server's count of all that it generated; ``thinking_s`` the time that the tool showed, in
    seconds.
    """

    line: int
    id: str
    turns: tuple[str, ...]
    thinking: str | None
    answer: str | None
    open: bool = False
    cut: bool = False
    error: str | None = None
    model: str | None = None
    epoch: int = 1
    topics: tuple[str, str] | None = None
    truth: Literal["related", "unrelated"] | None = None
    reference: tuple[str, ...] | None = None
    pair: str | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    answer_tokens: int | None = None
    thinking_s: float | None = None


@dataclass(frozen=True)
class Unreadable:
    """A place in a transcript file that was skipped, and why.

    ``found`` is the value that stood there instead, where one is to blame: short, but a piece of
    the file's text.
    """

    line: int
    why: str
    found: str | None = None

    def __str__(self) -> str:
        return self.why if self.found is None else f"{self.why} but {self.found}"
