"""What keeping a finished response costs: under 1 ms (median) for 8,000 chunks, the fsync apart.

The fsync is the disk's own time, once a response; its share is printed with it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from stages.engines.protocol import Chunk
from stages.journal.session_log import Beginning, SessionLog
from stages.measuring.conversation import Asked
from stages.measuring.session import Measuring, Terms
from stages.trace.session import Session
from stages.trace.tracer import Tracer

ROUNDS, CHUNKS = 200, 8_000


def main() -> None:
    """Print the median and the 95th percentile of both."""
    # Beside the project's journal: the folder for temporary files is often in memory.
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as folder:
        log = SessionLog(Path(folder) / "s", Beginning(session={}, environment={}))
        tracer = Tracer(Path(folder), 20, Session.begin())  # never entered: nothing is traced
        terms = Terms("this machine", None, 60.0)
        session = Measuring("s", tracer, Path(folder) / "log", log, terms)
        fsync = os.fsync
        waits: list[float] = []

        def timed(fd: int) -> None:
            began = time.perf_counter()
            fsync(fd)
            waits.append(time.perf_counter() - began)

        os.fsync = timed  # type: ignore[assignment]
        appends = []
        for number in range(ROUNDS):
            asked = _asked(number)
            began = time.perf_counter()
            session.keep(f"{number}", [asked])
            appends.append(time.perf_counter() - began - waits[-1])
        size = log.path.stat().st_size / ROUNDS
        log.close()
    print(f"append without fsync, {CHUNKS:,} chunks, {size / 1e3:.0f} kB: {_figures(appends)}")
    print(f"fsync, once a response: {_figures(waits)} on this disk ({sys.platform})")


def _asked(number: int) -> Asked:
    record = {
        "model": "m",
        "prompt_id": "p",
        "test": None,
        "arm": "solo",
        "epoch": number,
        "turn": 1,
        "stop": "stop",
        "fault": None,
        "engine_version": "e 1",
        "output_tokens": CHUNKS,
        "started_at": datetime.now(UTC),
        "messages": "x" * 2_000,
    }
    asked = Asked(f"{number}", "who", record)
    for index in range(CHUNKS):
        at = 1_000_000_000_000 + index * 19_876_543 + index * index % 1_000_003
        asked.recording.add(Chunk(0, at, "content", f" word{index % 97}", 1))
    return asked


def _figures(seconds: list[float]) -> str:
    ranked = sorted(seconds)
    return (
        f"median {statistics.median(ranked) * 1e3:.2f} ms, "
        f"95th percentile {ranked[int(0.95 * len(ranked))] * 1e3:.2f} ms (n {len(ranked)})"
    )


if __name__ == "__main__":
    main()
