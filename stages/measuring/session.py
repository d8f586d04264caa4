"""A measuring session: the tracer runs, and what is answered goes into the journal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.journal.entry import Head, encode
from stages.journal.journal import Entry
from stages.journal.session_log import Beginning, SessionLog
from stages.measuring.conversation import Asked, all_finished
from stages.trace.session import Session
from stages.trace.tracer import Tracer


@dataclass(frozen=True)
class Terms:
    """Under which conditions responses are recorded, as an entry's head has them."""

    hardware: str
    mark: str | None
    timeout_s: float


@dataclass(frozen=True)
class Measuring:
    """What a stage measures with while its session lasts."""

    session_id: str
    tracer: Tracer
    log: Path
    units: SessionLog
    terms: Terms

    def keep(self, key: str, responses: Sequence[Asked]) -> Entry:
        """Append one entry that answers ``key``; on disk before this returns, if it is finished.

        Raises ``OSError`` where the disk refuses; nothing else is lost then.
        """
        head = Head(
            key=key,
            session_id=self.session_id,
            finished=all_finished(responses),
            timed_out=any(asked.timed_out for asked in responses),
            responses=[asked.summary() for asked in responses],
            **vars(self.terms),
        )
        data = encode(head, [(asked.record, asked.recording) for asked in responses])
        offset, length = self.units.append(data, durable=head.finished)
        # Without the leading newline; its checksum stands at the start of its line.
        checksum = int(data[1:9], 16)
        return Entry(head, self.units.path, offset + 1, length - 1, checksum)


@contextmanager
def measuring(
    folder: Path, hz: float, idle_s: float, terms: Terms, environment: dict[str, Any]
) -> Iterator[Measuring]:
    """Trace this process and what it starts, into a new folder of the journal in ``folder``.

    Where energy can be read, first what the machine draws idle, for ``idle_s`` seconds.
    ``environment`` is the machine's row without its session.
    """
    session = Session.begin()
    scratch = folder / session.session_id
    began = {**vars(session), "started_at": session.started_at.isoformat()}
    environment = environment | {"session_id": session.session_id}
    units = SessionLog(scratch, Beginning(session=began, environment=environment))
    try:
        with Tracer(scratch, hz, session) as tracer:
            tracer.watch(os.getpid(), None, "client")
            if tracer.measures_energy and idle_s:
                tracer.idle(idle_s)
            yield Measuring(session.session_id, tracer, scratch / "engine.log", units, terms)
        if tracer.fault:
            print(f"the tracer failed, its figures end early: {tracer.fault}", file=sys.stderr)
    finally:
        units.close()
