"""Sessions of a journal as a tracer and a stage leave them: entries, and the sampler's files."""

from __future__ import annotations

from pathlib import Path

from stages.journal.session_log import UNITS, Beginning, SessionLog
from stages.trace.log import ANCHOR_COLUMNS, ANCHORS, EVENT_COLUMNS, EVENTS, Format

NETWORK = ("t_ns", "interface", "loopback", "received_bytes", "sent_bytes")


def beginning(name: str) -> Beginning:
    """The first line of a session's file."""
    session = {
        "session_id": name,
        "machine_id": "m",
        "boot_id": None,
        "started_at": "2026-01-02T03:04:05+00:00",
    }
    return Beginning(session=session, environment={"session_id": name, "cpu": "abacus"})


def write_traced_session(folder: Path, *entries: bytes) -> Path:
    """A session named as its folder, with one reading of one network interface; gives its file."""
    log = SessionLog(folder, beginning(folder.name))
    for data in entries:
        log.append(data, durable=False)
    log.close()
    (folder / "trace.000001.log").write_bytes(trace())
    return folder / UNITS


def trace() -> bytes:
    """What a sampler wrote: a reading, an event and the clocks."""
    form = Format()
    form.declare("trace_network", NETWORK)
    form.declare(EVENTS, EVENT_COLUMNS)
    form.declare(ANCHORS, ANCHOR_COLUMNS)
    return b"".join(
        [
            form.header(),
            form.lines("trace_network", [(7, "lo", True, 5, 6)]),
            form.lines(EVENTS, [(8, "late", "disk", None, 2.0, "ms")]),
            form.lines(ANCHORS, [(1, 2, 3)]),
        ]
    )
