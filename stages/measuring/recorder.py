"""Where finished responses go: into the spool and onto the screen, from any thread."""

from __future__ import annotations

import threading
from typing import Any

from stages.measuring.progress import Tally
from stages.measuring.spool import Spool


class Recorder:
    """Adds responses of several threads one at a time; ``close`` drops what comes after it.

    An interrupted side-by-side run stops its servers while threads still read from them: what
    they report then is our doing and no finding.
    """

    def __init__(self, spool: Spool, tally: Tally) -> None:
        self._spool, self._tally = spool, tally
        self._lock = threading.Lock()
        self._closed = False

    def add(self, record: dict[str, Any], stream: list[dict[str, Any]]) -> None:
        """Keep one response and count it as done."""
        with self._lock:
            if self._closed:
                return
            self._spool.add(record, stream)
            began, end = record.get("request_ns"), record.get("end_ns")
            self._tally.finished(
                " ".join(
                    str(part)
                    for part in (
                        record["model"],
                        record["arm"],
                        record["prompt_id"],
                        f"turn {record['turn']}",
                        f"epoch {record['epoch']}",
                    )
                ),
                record["output_tokens"],
                (end - began) / 1e9 if began is not None and end is not None else 0.0,
                record["stop"],
            )

    def close(self) -> None:
        """Drop whatever is still reported."""
        with self._lock:
            self._closed = True
