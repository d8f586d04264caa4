"""The sampler's side of the store: text files that only grow, each line with its checksum.

A line (``stages/sealed.py``) holds the values of a row as CSV. The first line of a file starts its
values with ``#`` and names the columns, so that a file says what it holds. A tick's rows of one
lane are one ``write``: when the sampler is killed, what it wrote is with the kernel already, and a
machine that stops can at worst tear the last line.

No Polars here: the sampler must start fast and stay small. ``store.py`` reads these files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from stages.sealed import line

Value = int | float | str | bool | None
Row = Sequence[Value]

SUFFIX = ".log"
EVENT_COLUMNS = ("t_ns", "kind", "lane", "subject", "value", "detail")
ANCHOR_COLUMNS = ("monotonic_ns", "boot_ns", "wall_ns")
ANCHORS = "anchors"

# A newline inside a value would break the line that the checksum is for.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class Log:
    """One growing file of rows. Raises ``OSError`` where the disk refuses."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._width = len(columns)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if os.fstat(self._fd).st_size == 0:
            self._write(line("#" + ",".join(columns)))

    def append(self, rows: Sequence[Row]) -> None:
        """Write these rows, each with as many values as the file has columns."""
        lines = []
        for row in rows:
            if len(row) != self._width:
                raise ValueError(f"{len(row)} values for {self._width} columns")
            lines.append(line(",".join([_text(value) for value in row])))
        if lines:
            self._write(b"".join(lines))

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd, data) :]


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + _CONTROL.sub(" ", value).replace('"', '""') + '"'
    return repr(value)
