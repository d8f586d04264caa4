"""What is lost when the tracer is killed: at most 1 s of each of 100 traces, none unreadable.

The sampler is killed at a random moment. The time from its last row to the kill is what was lost.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import tempfile
import time
from pathlib import Path

import polars as pl

from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer

KILLS, HZ = 100, 50.0


def main() -> None:
    """Print the longest and the median loss."""
    lost, unreadable = [], 0
    for _ in range(KILLS):
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as name:
            folder = Path(name)
            with Tracer(folder / "scratch", HZ, Session.begin()) as tracer:
                time.sleep(random.uniform(0.5, 1.5))
                os.kill(tracer._process.pid, signal.SIGKILL)
                killed = time.monotonic_ns()
            try:
                to_parquet(folder / "scratch", folder / "tables")
                rows = pl.read_parquet(folder / "tables" / "trace_system.parquet")
                lost.append((killed - rows["t_ns"][-1]) / 1e9)
            except (OSError, ValueError, IndexError, pl.exceptions.PolarsError):
                unreadable += 1
    print(
        f"{KILLS} kills: at most {max(lost):.3f} s lost, median {statistics.median(lost):.3f} s; "
        f"unreadable: {unreadable}; claim: ≤ 1 s each, none unreadable"
    )


if __name__ == "__main__":
    main()
