"""What a reader finds in a transcript file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Transcript:
    """One response and what is known of it.

    ``line`` is its place in the file: the line of a JSONL file, the running number of the answer
    in an export. ``turns`` are the user's turns before it. ``open`` says that the thinking never
    ended; ``thinking_s`` is the time that the tool showed, in seconds.
    """

    line: int
    id: str
    turns: tuple[str, ...]
    thinking: str | None
    answer: str | None
    open: bool = False
    error: str | None = None
    model: str | None = None
    epoch: int = 1
    topics: tuple[str, str] | None = None
    truth: Literal["related", "unrelated"] | None = None
    reference: tuple[str, ...] | None = None
    thinking_tokens: int | None = None
    answer_tokens: int | None = None
    thinking_s: float | None = None


@dataclass(frozen=True)
class Unreadable:
    """A place in a transcript file that was skipped, and why."""

    line: int
    why: str
