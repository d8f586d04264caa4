"""One zone of /sys/class/powercap: what it measures, and its counter."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from stages.trace.lanes.figure import figure

_LONGEST = 32  # bytes of a counter's text


class EnergyZone:
    """A zone whose counter stays open. Raises ``OSError`` where it can't be read."""

    def __init__(self, folder: Path) -> None:
        self.zone = folder.name
        self.name = text_of(folder / "name") or self.zone
        above = self.zone.rpartition(":")[0]
        self.above = above if ":" in above else None
        self.range_uj = figure(text_of(folder / "max_energy_range_uj").encode()) or None
        self.told = False  # that it gave no number
        self._path = folder / "energy_uj"
        self._text = b""
        self._fd = self._open()

    def read(self) -> bytes:
        """The counter's text. Raises ``OSError`` once it is gone."""
        text = os.pread(self._fd, _LONGEST, 0)
        # The kernel refuses to read what is gone. Any other file that was removed stands still.
        if text == self._text and os.fstat(self._fd).st_nlink == 0:
            fresh = self._open()
            self.close()
            self._fd = fresh
            text = os.pread(fresh, _LONGEST, 0)
        self._text = text
        return text

    def close(self) -> None:
        """Close the counter."""
        os.close(self._fd)

    def _open(self) -> int:
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.pread(fd, 1, 0)
        except OSError:
            os.close(fd)
            raise
        return fd


def text_of(path: Path) -> str:
    """What stands in a small file, in one line; empty where it can't be read."""
    with suppress(OSError):
        return " ".join(path.read_bytes()[:100].decode("utf-8", "replace").split())
    return ""
