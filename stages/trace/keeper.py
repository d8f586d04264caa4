"""What the sampler has read, brought to the disk by a thread of its own.

Lines go into ``trace.000001.log`` at once when they come, and are synced after at most ``SYNC_S``:
a killed sampler loses what it had not handed over yet, a machine that stops the last part of a
second. A file that has grown to ``SEGMENT_BYTES`` is compressed and the next one begun, so that a
day's trace takes a tenth of its text. A disk that stalls holds up this thread, never a reading.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from stages.files import sync_folder

SYNC_S = 0.6
SEGMENT_BYTES = 4 * 2**20

_NAME = re.compile(r"trace\.(\d{6})\.log(\.gz)?")
_sync = getattr(os, "fdatasync", os.fsync)


class Keeper(threading.Thread):
    """Writes what ``put`` is given until ``close``; ``fault`` is what the disk refused, if it did.

    ``header`` gives the lines that each file begins with.
    """

    def __init__(
        self, scratch: Path, header: Callable[[], bytes], segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        super().__init__(name="keeper", daemon=True)
        self.fault: OSError | None = None
        self._scratch = scratch
        self._header = header
        self._segment_bytes = segment_bytes
        self._waiting: deque[bytes] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._number = max((int(path.name[6:12]) for path in segments(scratch)), default=0)
        self._open()

    def put(self, data: bytes) -> None:
        """Have these lines written as soon as may be."""
        self._waiting.append(data)
        self._wake.set()

    def close(self) -> None:
        """Write and sync what is left. Raises ``OSError`` where the disk refuses or refused."""
        self._closing = True
        self._wake.set()
        self.join()
        if self.fault:
            raise self.fault

    def run(self) -> None:
        """Write, sync and compress until closed."""
        try:
            synced = time.monotonic()
            dirty = False
            while not (self._closing and not self._waiting):
                self._wake.wait(SYNC_S)
                self._wake.clear()
                dirty |= self._write()
                if dirty and time.monotonic() - synced >= SYNC_S:
                    _sync(self._fd)
                    synced, dirty = time.monotonic(), False
                if self._size >= self._segment_bytes:
                    self._next()
                    dirty = False
            _sync(self._fd)
            os.close(self._fd)
        except OSError as error:
            self.fault = error
        except (ValueError, MemoryError, zlib.error) as error:
            self.fault = OSError(f"the trace can't be written: {error!r}")

    def _write(self) -> bool:
        written = False
        while self._waiting:
            self._write_whole(self._waiting.popleft())
            written = True
        return written

    def _write_whole(self, data: bytes) -> None:
        self._size += len(data)
        while data:
            data = data[os.write(self._fd, data) :]

    def _next(self) -> None:
        full, path = self._fd, self._path
        self._open()
        _sync(full)
        os.close(full)
        compress(path)

    def _open(self) -> None:
        """Begin a new file; one that a killed sampler left may end in the middle of a line."""
        self._number += 1
        self._path = self._scratch / f"trace.{self._number:06}.log"
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._size = 0
        sync_folder(self._scratch)
        self._write_whole(self._header())


def compress(path: Path) -> None:
    """Put ``FILE.gz`` in the place of a file that grows no more: one of them is there always."""
    part = path.with_suffix(".part")
    with path.open("rb") as source, part.open("wb") as target:
        with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1, mtime=0) as packed:
            shutil.copyfileobj(source, packed, 2**16)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path.with_name(f"{path.name}.gz"))
    path.unlink()


def segments(scratch: Path) -> list[Path]:
    """The files of a trace in order, each once: a sampler killed between two steps left both."""
    found: dict[str, Path] = {}
    for path in sorted(scratch.iterdir()):
        if match := _NAME.fullmatch(path.name):
            found[match[1]] = path  # the compressed one comes after the other by name
    return list(found.values())


def remove_segments(scratch: Path) -> None:
    """Remove the files of a trace."""
    for path in [*scratch.glob("trace.*.log"), *scratch.glob("trace.*.log.gz")]:
        path.unlink(missing_ok=True)
    for path in scratch.glob("trace.*.part"):
        path.unlink(missing_ok=True)
