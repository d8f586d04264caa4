"""The sampler's side of the store: lines of text, each with its checksum.

A line (``stages/sealed.py``) is JSON: a table's name and rows of it, their values in the order of
its columns; ``{"columns": {TABLE: [NAME, …]}}`` at the beginning of a file says which these are.

No Polars here: the sampler must start fast and stay small. ``keeper.py`` writes the lines,
``store.py`` reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from stages.sealed import line

Value = int | float | str | bool | None
Row = Sequence[Value]

EVENTS = "trace_events"
EVENT_COLUMNS = ("t_ns", "kind", "lane", "subject", "value", "detail")
ANCHORS = "anchors"
ANCHOR_COLUMNS = ("monotonic_ns", "boot_ns", "wall_ns")

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Format:
    """The tables that a file holds: their columns, and rows of them as lines."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[str, ...]] = {}

    def declare(self, table: str, columns: tuple[str, ...]) -> None:
        """From now on there are rows of this table."""
        self._columns[table] = columns

    def header(self) -> bytes:
        """The columns of every table that was declared."""
        return line(_encode({"columns": self._columns}))

    def checked(self, table: str, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows; raises ``ValueError`` where one hasn't as many values as the table columns."""
        width = len(self._columns[table])
        for row in rows:
            if len(row) != width:
                raise ValueError(f"{len(row)} values for {width} columns of {table}")
        return rows

    def lines(self, table: str, rows: Sequence[Row]) -> bytes:
        """These rows as one line; nothing where there are none."""
        return line(_encode({table: rows})) if rows else b""
