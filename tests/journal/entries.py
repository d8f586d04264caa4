"""Small entries to fill a journal with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stages.engines.protocol import Chunk
from stages.journal.entry import Head, Summary, encode
from stages.journal.recording import Recording
from stages.journal.session_log import Beginning, SessionLog

BEGINNING = Beginning(session={"session_id": "s"}, environment={"cpu": "abacus"})
STARTED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def head(key: str, model: str = "m", test: str | None = None) -> Head:
    summary = Summary(
        unit=key,
        member="who",
        model=model,
        prompt_id="p",
        test=test,
        arm="solo",
        epoch=1,
        turn=1,
        stop="stop",
        engine_version="e 1",
        output_tokens=2,
        started_at=STARTED,
    )
    return Head(
        key=key,
        session_id="s",
        finished=True,
        timed_out=False,
        hardware="abacus",
        mark=None,
        timeout_s=60.0,
        responses=[summary],
    )


def recording(*texts: str) -> Recording:
    stream = Recording()
    for number, text in enumerate(texts):
        stream.add(Chunk(0, 100 + number, "content", text, 1))
    return stream


def entry(key: str, text: str = "hi", model: str = "m", test: str | None = None) -> bytes:
    record = {"model": model, "started_at": STARTED, "stop": "stop"}
    return encode(head(key, model, test), [(record, recording(text, "!"))])


def write_session(folder: Path, *entries: bytes) -> Path:
    """A session with these entries; gives its file."""
    log = SessionLog(folder, BEGINNING)
    for data in entries:
        log.append(data, durable=False)
    log.close()
    return log.path
