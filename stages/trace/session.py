"""One run of a measuring process: which run, on which machine, since which boot."""

from __future__ import annotations

import hashlib
import platform
import secrets
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Session:
    """Names one run of a measuring process; every row of its trace carries ``session_id``.

    ``machine_id`` and ``boot_id`` are salted hashes: equal for the same machine and boot, and
    of no use to recognise the machine elsewhere. Both are null where the system gives nothing.
    """

    session_id: str
    machine_id: str | None
    boot_id: str | None
    started_at: datetime

    @classmethod
    def begin(cls, root: Path = Path("/")) -> Session:
        """A new session, now. ``root`` is where the system's files are."""
        machine = _machine(root)
        return cls(
            session_id=secrets.token_hex(8),
            machine_id=_hashed("machine", machine),
            boot_id=_hashed("boot", _boot(root)),
            started_at=datetime.now(UTC),
        )


def _hashed(what: str, identity: str | None) -> str | None:
    if identity is None:
        return None
    return hashlib.sha256(f"overthink {what}\0{identity}".encode()).hexdigest()[:16]


def _machine(root: Path) -> str | None:
    for name in ("etc/machine-id", "var/lib/dbus/machine-id"):
        if text := _first_line(root / name):
            return text
    address = uuid.getnode()
    if not address >> 40 & 1:  # the bit that marks a number made up for want of an address
        return f"{address:012x}"
    return platform.node() or None


def _boot(root: Path) -> str | None:
    if text := _first_line(root / "proc/sys/kernel/random/boot_id"):
        return text
    if sys.platform == "linux":
        return None  # the time of boot moves with the wall clock there
    return f"{_machine(root)} {int(psutil.boot_time())}"


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip() or None
    except OSError:
        return None
