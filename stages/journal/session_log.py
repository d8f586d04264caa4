"""The file that one session appends its entries to: whole on disk before the next one begins."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from stages.files import sync_folder
from stages.journal.entry import VERSION
from stages.sealed import line

if sys.platform == "darwin":
    import fcntl

UNITS = "units.log"


class Beginning(BaseModel):
    """The first line of a file: the session and the machine, as rows of their tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = VERSION
    session: dict[str, Any]
    environment: dict[str, Any]


class SessionLog:
    """Appends to the entries of one session. Raises ``OSError`` where the disk refuses."""

    def __init__(self, folder: Path, beginning: Beginning) -> None:
        folder.mkdir(parents=True)
        self.path = folder / UNITS
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._size = 0
        try:
            self.append(line(beginning.model_dump_json()), durable=True)
            # The session's own, the journal's, its home's, and what holds that.
            for parent in [folder, *folder.parents][:4]:
                sync_folder(parent)
        except BaseException:
            self.close()
            raise

    def append(self, data: bytes, *, durable: bool) -> tuple[int, int]:
        """Write one line and, if ``durable``, wait until it is on the disk.

        Gives its offset and length in the file. Where the disk is full, the file ends afterwards
        as it did before.
        """
        offset = self._size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            if durable:
                _sync(self._fd)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, offset)
            raise
        self._size += len(data)
        return offset, len(data)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def _sync(fd: int) -> None:
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync alone leaves it in the drive's cache there
    else:
        os.fsync(fd)
