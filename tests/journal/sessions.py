"""Sessions of a journal as a tracer and a stage leave them: entries, and the sampler's files."""

from __future__ import annotations

from pathlib import Path

from stages.journal.session_log import UNITS, Beginning, SessionLog
from stages.trace.log import ANCHOR_COLUMNS, EVENT_COLUMNS, Log, Row

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
    _write(folder / "trace_network.log", NETWORK, (7, "lo", True, 5, 6))
    _write(folder / "trace_events.log", EVENT_COLUMNS, (8, "late", "disk", None, 2.0, "ms"))
    _write(folder / "anchors.log", ANCHOR_COLUMNS, (1, 2, 3))
    return folder / UNITS


def _write(path: Path, columns: tuple[str, ...], row: Row) -> None:
    log = Log(path, columns)
    log.append([row])
    log.close()
