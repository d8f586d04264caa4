"""Which kept responses answer what a stage asks, and which have to be asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stages.journal.entry import Answer, Unreadable
from stages.journal.journal import Entry, Journal
from stages.measuring.session import Terms

Label = tuple[tuple[str, ...], str, str | None]
"""The names that a row has in one run: models, prompt, test."""


@dataclass(frozen=True)
class Found:
    """An entry and what it holds."""

    entry: Entry
    answers: list[Answer]


class Kept:
    """Finds entries. Each answers once: a row of its own for everything that is asked."""

    def __init__(
        self,
        journal: Journal,
        reuse: Literal["same-engine", "any"],
        terms: Terms,
        planned: set[Label],
    ) -> None:
        self._journal, self._reuse, self._terms = journal, reuse, terms
        self._planned = planned
        self._taken: set[tuple[Path, int]] = set()
        self.set_aside: Counter[str] = Counter()
        """Finished responses that ``reuse`` rules out, by where they come from."""
        self.unreadable: list[str] = []
        """What had a right checksum and wrong content."""

    def find(self, key: str, label: Label, versions: Sequence[str | None]) -> Found | None:
        """The newest entry that answers ``key``; null if there is none that may.

        What was recorded under the same names comes first, and what belongs to other names of
        the same plan is left to them. ``versions`` are the engines' that would answer now,
        null where that can't be known.
        """
        entries = [
            entry for entry in self._journal.entries(key) if _place(entry) not in self._taken
        ]
        usable = [entry for entry in entries if self._counts(entry)]
        allowed = [entry for entry in usable if self._like_now(entry, versions)]
        own = [entry for entry in allowed if _label(entry) == label]
        free = [entry for entry in allowed if _label(entry) not in self._planned]
        for entry in sorted(own, key=_age) + sorted(free, key=_age):
            try:
                found = Found(entry, entry.read())
            except Unreadable as error:
                self.unreadable.append(f"{entry.path}: an entry is left out: {error}")
                continue
            self._taken.add(_place(entry))
            return found
        if usable and not allowed:
            head = usable[0].head
            place = f"{head.responses[0].engine_version} on {head.hardware}"
            self.set_aside[place] += len(head.responses)
        return None

    def _counts(self, entry: Entry) -> bool:
        """Whether it is an answer, and not the story of a failure."""
        head = entry.head
        if head.timed_out:
            longer = head.timeout_s >= self._terms.timeout_s
            return head.finished and longer and head.mark == self._terms.mark
        return head.finished

    def _like_now(self, entry: Entry, versions: Sequence[str | None]) -> bool:
        if self._reuse == "any":
            return True
        if entry.head.hardware != self._terms.hardware:
            return False
        if None in versions:
            return True  # a server that is down says nothing against what it said before
        asked = (response for response in entry.head.responses if response.stop != "refused")
        recorded = {response.engine_version for response in asked}
        return recorded <= set(versions)


def _place(entry: Entry) -> tuple[Path, int]:
    return entry.path, entry.offset


def _label(entry: Entry) -> Label:
    responses = entry.head.responses
    models = tuple(sorted({response.model for response in responses}))
    return models, responses[0].prompt_id, responses[0].test


def _age(entry: Entry) -> float:
    """Newest first."""
    began = [response.started_at for response in entry.head.responses if response.started_at]
    return -max(moment.timestamp() for moment in began) if began else 0.0
