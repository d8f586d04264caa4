"""What a sampler has on the disk so far, while it still writes."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stages.sealed import payload_of
from stages.trace.keeper import segments


def rows(scratch: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, those of a line that is being written excepted."""
    columns: dict[str, list[str]] = {}
    found: list[dict[str, Any]] = []
    for path in segments(scratch):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in text.splitlines(keepends=True):
            for name, its in json.loads(payload_of(line) or b"{}").items():
                if name == "columns":
                    columns |= its
                elif name == table:
                    found += [dict(zip(columns[table], row, strict=True)) for row in its]
    return found


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until it holds; 30 s at most."""
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
