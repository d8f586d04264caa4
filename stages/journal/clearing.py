"""Forgetting kept responses, so that they are asked anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Container

from stages.files import replacing
from stages.journal.journal import Entry, Journal, SessionFile


def about(entry: Entry, names: Container[str]) -> bool:
    """Whether an entry holds a response of one of these models, or of one of these tests."""
    return any(
        response.model in names or (response.test is not None and response.test in names)
        for response in entry.head.responses
    )


def clear(journal: Journal, names: Container[str]) -> int:
    """Remove every entry about ``names``; gives how many responses that were.

    A roster's entry goes whole, with what the other models said. What can't be read stays as it
    is, unless nothing else is left of its session. Only for who holds the lock.
    """
    removed = 0
    for session in journal.sessions:
        gone = [entry for entry in session.entries if about(entry, names)]
        removed += sum(len(entry.head.responses) for entry in gone)
        if len(gone) == len(session.entries) and gone and not session.newer:
            shutil.rmtree(session.path.parent)
        elif gone:
            _rewrite(session, gone)
    return removed


def clear_all(journal: Journal) -> int:
    """Remove every session, also what can't be read; gives how many responses that were."""
    removed = 0
    for session in journal.sessions:
        removed += sum(len(entry.head.responses) for entry in session.entries)
        shutil.rmtree(session.path.parent)
    return removed


def _rewrite(session: SessionFile, gone: list[Entry]) -> None:
    """Copy everything but these entries; the old file is there until the new one is whole."""
    with session.path.open("rb") as old, replacing(session.path) as path, path.open("wb") as new:
        for entry in sorted(gone, key=lambda entry: entry.offset):
            new.write(old.read(entry.offset - old.tell()))
            old.seek(entry.length, os.SEEK_CUR)
        shutil.copyfileobj(old, new)
        new.flush()
        os.fsync(new.fileno())
