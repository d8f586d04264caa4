"""The journal: a folder of sessions, each with its entries and its trace."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from stages.home import home
from stages.journal.entry import (
    Answer,
    Head,
    Newer,
    Unreadable,
    newer_than_this,
    read_body,
    read_head,
)
from stages.journal.session_log import UNITS, Beginning
from stages.sealed import payload_of

_TORN_BEGINNING = re.compile(rb"[0-9a-f]{1,8}\Z|[0-9a-f]{8},(\{[^\n]*)?\Z")
_LONGEST = 2**29
"""Bytes of a line: more than any entry has, and no more than a damaged file may cost in memory."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an entry lies, and its head."""

    head: Head
    path: Path
    offset: int
    length: int
    checksum: int

    @property
    def session(self) -> Path:
        """The folder of its session."""
        return self.path.parent

    def read(self) -> list[Answer]:
        """Its responses, in the order of the head's. Raises ``Unreadable``."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            payload = payload_of(file.read(self.length).removeprefix(b"\n"))
        if payload is None:
            raise Unreadable("its checksum doesn't hold")
        answers = read_body(payload)
        if len(answers) != len(self.head.responses):
            raise Unreadable("its head and its body differ")
        return answers


@dataclass
class SessionFile:
    """What one session's file holds. ``damaged`` counts stretches of it that hold no entry.

    A blank one ended before its first line did.
    """

    path: Path
    is_blank: bool = True
    beginning: Beginning | None = None
    entries: list[Entry] = field(default_factory=list)
    damaged: int = 0
    newer: int = 0
    copies: int = 0


class Journal:
    """Every entry that can be read, by what it answers.

    Of an entry that is there twice, since somebody copied a session's folder, one counts.
    """

    def __init__(self, sessions: list[SessionFile]) -> None:
        self.sessions = sessions
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        seen: set[tuple[str, str, int]] = set()
        for session in sessions:
            for entry in list(session.entries):
                content = entry.head.session_id, entry.head.key, entry.checksum
                if content in seen:
                    session.entries.remove(entry)
                    session.copies += 1
                    continue
                seen.add(content)
                self._entries[entry.head.key].append(entry)

    def entries(self, key: str) -> list[Entry]:
        """The entries that answer what ``key`` asks."""
        return self._entries.get(key, [])

    def complaints(self) -> Iterator[str]:
        """What can't be read, a line a file."""
        for session in self.sessions:
            if session.damaged:
                yield (
                    f"{session.path}: {session.damaged} damaged "
                    f"{'entry is' if session.damaged == 1 else 'entries are'} left out (the "
                    "checksum doesn't hold); what is wanted of it is asked again"
                )
            if session.copies:
                yield f"{session.path}: {session.copies} entries stand elsewhere too: left out"
            if session.beginning is None and not session.is_blank and not session.newer:
                yield (
                    f"{session.path}: its first line can't be read, so that nothing is known of "
                    "the machine that its responses come from"
                )
            if session.newer:
                yield (
                    f"{session.path}: {session.newer} entries were written by a newer version of "
                    "this program and are left alone; update it to use them"
                )


def folder() -> Path:
    """Where the sessions of this project lie."""
    return home() / "journal"


def open_journal(where: Path) -> Journal:
    """Read what the sessions below ``where`` hold. Raises ``OSError`` for what can't be read."""
    try:
        folders = sorted(where.iterdir())
    except FileNotFoundError:
        return Journal([])
    sessions = []
    for place in folders:
        with suppress(FileNotFoundError, NotADirectoryError):  # what isn't a session is left alone
            sessions.append(read_session(place / UNITS))
    return Journal(sessions)


def remove_empty(journal: Journal) -> None:
    """Remove the folders of sessions that ended before they had an entry.

    Only for who holds the lock: a session that has just begun looks the same. What can't be read
    is left for whoever wants to look.
    """
    for session in journal.sessions:
        holds = session.entries or session.damaged or session.newer or session.copies
        if not holds and (session.beginning or session.is_blank):
            shutil.rmtree(session.path.parent, ignore_errors=True)


def read_session(path: Path) -> SessionFile:
    """Read one session's file, whatever state it is in."""
    found = SessionFile(path)
    offset, broken = 0, False
    with path.open("rb") as file:
        while text := file.readline(_LONGEST):
            here, offset = offset, offset + len(text)
            found.is_blank = here == 0 and bool(_TORN_BEGINNING.match(text))
            if text == b"\n":
                broken = False  # the gap before an entry: damage behind it is another one's
                continue
            if _take(found, text, here):
                broken = False
            elif here:
                found.damaged += not broken  # a flipped bit can make one line two
                broken = True
    return found


def read_beginning(path: Path) -> Beginning | None:
    """The first line of a session's file; null where it can't be read."""
    with path.open("rb") as file:
        payload = payload_of(file.readline())
    try:
        return Beginning.model_validate_json(payload) if payload else None
    except ValueError:
        return None


def _take(found: SessionFile, text: bytes, offset: int) -> bool:
    """Add one line to what was found; false where it can't be read."""
    payload = payload_of(text)
    if payload is None:
        return False
    if offset == 0:
        if newer_than_this(payload):
            found.newer += 1
            return True
        found.beginning = read_beginning(found.path)
        return found.beginning is not None
    try:
        head = read_head(payload)
    except Unreadable:
        return False
    if isinstance(head, Newer):
        found.newer += 1
    else:
        found.entries.append(Entry(head, found.path, offset, len(text), crc32(payload)))
    return True
