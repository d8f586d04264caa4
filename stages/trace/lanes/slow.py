"""Sources that keep a reader waiting: some drivers ask their hardware and sleep meanwhile."""

from __future__ import annotations

import time

_LONG_NS = 5_000_000
_OFTEN = 3  # running: whoever else uses the core makes one reading long, hardly three


class Waits:
    """Which sources took over 5 ms three times running, each of which may delay a tick."""

    def __init__(self) -> None:
        self._long: dict[str, int] = {}

    def too_long(self, source: str, began_ns: int) -> bool:
        """Whether a source, read since ``began_ns`` (monotonic), is to be given up."""
        long = time.monotonic_ns() - began_ns > _LONG_NS
        self._long[source] = self._long.get(source, 0) + 1 if long else 0
        return self._long[source] >= _OFTEN
