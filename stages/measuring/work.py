"""One stage's work: what is kept is taken from the journal, the rest is measured and kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from stages.journal.journal import Entry, folder, open_journal, remove_empty
from stages.journal.lock import one_at_a_time
from stages.machine import environment_row, hardware
from stages.measuring.conversation import Asked
from stages.measuring.interruption import Interruption, patiently
from stages.measuring.kept import Found, Kept, Label
from stages.measuring.progress import Tally
from stages.measuring.raw_tables import Name, Taken, write_raw_tables
from stages.measuring.session import Measuring, Terms, measuring


class Work:
    """Everything that one stage has to answer, ``total`` responses, under one name.

    Use within ``working``, which holds the lock.
    """

    def __init__(
        self,
        name: str,
        total: int,
        kept: Kept,
        terms: Terms,
        environment: dict[str, Any],
        interruption: Interruption,
    ) -> None:
        self.interruption = interruption
        self._name, self._total = name, total
        self._kept, self._terms, self._environment = kept, terms, environment
        self._taken: list[Taken] = []
        self._reused_from: list[datetime] = []
        self._recorded_as: set[str] = set()
        self._sessions: dict[str, Path] = {}  # a session may lie there twice, copied by somebody
        self._said: set[str] = set()
        self._session: Measuring | None = None
        self._tally: Tally | None = None

    def find(self, key: str, label: Label, versions: Sequence[str | None]) -> Found | None:
        """See ``Kept.find``."""
        return self._kept.find(key, label, versions)

    def reuse(self, found: Found, names: Sequence[Name]) -> None:
        """Take the responses of a kept entry, so named, in the order of its head."""
        self._take(found.entry, names, reused=True)
        summaries = found.entry.head.responses
        self._reused_from += [summary.started_at for summary in summaries if summary.started_at]
        self._recorded_as |= {summary.test or summary.model for summary in summaries}

    @contextmanager
    def measuring(self, hz: float, idle_s: float) -> Iterator[Measuring]:
        """Measure what isn't kept, and say how much is."""
        reused = self._count()
        self._say_reused(reused)
        with (
            measuring(folder(), hz, idle_s, self._terms, self._environment) as self._session,
            Tally(self._name, self._total - reused) as self._tally,
        ):
            yield self._session

    def keep(self, key: str, responses: Sequence[Asked]) -> None:
        """Keep what was just answered as one entry. Within ``measuring``."""
        assert self._session is not None and self._tally is not None
        entry = self._session.keep(key, responses)
        said = entry.head.responses
        names = [Name(response.model, response.prompt_id, response.test) for response in said]
        self._take(entry, names, reused=False)
        for asked in responses:
            self._tally.finished(asked.record)

    def write(self, out: Path) -> None:
        """Write the raw tables, in the same order whatever was answered when."""
        if self._session is None:
            self._say_reused(self._count())
        ordered = sorted(self._taken, key=_order)
        write_raw_tables(ordered, list(self._sessions.values()), out)

    def say_once(self, text: str) -> None:
        """Say what would be true of every response that follows."""
        if text not in self._said:
            self._said.add(text)
            print(f"{self._name}: {text}", file=sys.stderr, flush=True)

    def say_kept(self) -> None:
        """Say what an interruption can't take away."""
        kept = sum(len(taken.names) for taken in self._taken if taken.entry.head.finished)
        print(
            f"{self._name}: {kept} of {self._total} responses are kept; "
            "the same command goes on from there",
            file=sys.stderr,
            flush=True,
        )

    def _take(self, entry: Entry, names: Sequence[Name], *, reused: bool) -> None:
        self._taken.append(Taken(entry, names, reused))
        self._sessions.setdefault(entry.head.session_id, entry.session)

    def _count(self) -> int:
        return sum(len(taken.names) for taken in self._taken)

    def _say_reused(self, reused: int) -> None:
        lines = []
        if self._reused_from:
            span = min(self._reused_from), max(self._reused_from)
            first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in span)
            when = first if first == last else f"{first} to {last}"
            lines.append(
                f"{reused} of {self._total} responses are kept from earlier runs ({when} UTC); "
                f"`overthink journal clear {' '.join(sorted(self._recorded_as))}` forgets them"
            )
        for place, count in self._kept.set_aside.items():
            lines.append(
                f"{count} kept responses are of {place}, and asked again (reuse: any takes them)"
            )
        for line in [*lines, *self._kept.unreadable]:
            print(f"{self._name}: {line}", file=sys.stderr, flush=True)


@contextmanager
def working(
    name: str,
    total: int,
    planned: set[Label],
    reuse: Literal["same-engine", "any"],
    timeout_s: float,
    mark: str | None,
) -> Iterator[Work]:
    """Hold the lock, read the journal and, however the block ends, say what is kept."""
    with one_at_a_time(name), patiently() as interruption:
        journal = open_journal(folder())
        for complaint in journal.complaints():
            print(f"journal: {complaint}", file=sys.stderr)
        remove_empty(journal)
        environment = environment_row("")
        terms = Terms(hardware(environment), mark, timeout_s)
        kept = Kept(journal, reuse, terms, planned)
        work = Work(name, total, kept, terms, environment, interruption)
        try:
            yield work
            # All is there, but whoever runs the stages must not go on with the next one.
            interruption.check()
        except BaseException:
            work.say_kept()
            raise


def _order(taken: Taken) -> tuple[object, ...]:
    first, name = taken.entry.head.responses[0], taken.names[0]
    return name.prompt_id, first.epoch, first.arm, name.model, first.turn
