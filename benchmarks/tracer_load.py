"""What the tracer's benchmarks share: processes to watch, a bare sleeper, a tracer by itself."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer

BUSY = "while True: pass"
LIGHT = "import time\nwhile True:\n    sum(range(1000))\n    time.sleep(0.001)"

# Ticks at absolute deadlines and nothing else; prints each tick's time, then its CPU seconds.
BARE = """
import sys, time
hz, seconds = float(sys.argv[1]), float(sys.argv[2])
ticks, start = [], time.monotonic_ns()
began = time.process_time()
for number in range(int(hz * seconds)):
    left = start + round(number * 1e9 / hz) - time.monotonic_ns()
    if left > 0:
        time.sleep(left / 1e9)
    elif left < -1e9 / hz:
        continue  # its whole time has passed
    ticks.append(time.monotonic_ns())
used = time.process_time() - began
print(used, start, *ticks)
"""


@contextmanager
def processes(code: str, number: int) -> Iterator[list[int]]:
    """So many Python processes that run ``code`` until the block ends."""
    began = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(number)]
    time.sleep(0.5)
    try:
        yield [process.pid for process in began]
    finally:
        for process in began:
            process.kill()
            process.wait()


def bare(hz: float, seconds: float) -> tuple[float, int, list[int]]:
    """CPU seconds, the first deadline and the ticks of a process that only sleeps."""
    command = [sys.executable, "-c", BARE, str(hz), str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    used, start, *ticks = done.stdout.split()
    return float(used), int(start), [int(tick) for tick in ticks]


def traced(folder: Path, hz: float, seconds: float, pids: list[int]) -> dict[str, pl.DataFrame]:
    """The tables of a tracer that watched these processes for so long."""
    with Tracer(folder / "scratch", hz, Session.begin()) as tracer:
        for pid in pids:
            tracer.watch(pid, "model", "engine")
        time.sleep(seconds)
    to_parquet(folder / "scratch", folder / "tables")
    return {path.stem: pl.read_parquet(path) for path in (folder / "tables").glob("*.parquet")}


def lateness_ms(ticks: list[int], hz: float, start: int | None = None) -> tuple[float, float]:
    """99th percentile of how late ticks were, ms, and the share of ticks missed, %.

    Where the first deadline isn't known, it is the one that the most punctual tick suggests.
    """
    period = 1e9 / hz
    numbers = [round((tick - ticks[0]) / period) for tick in ticks]
    if start is None:
        start = int(
            min(tick - number * period for tick, number in zip(ticks, numbers, strict=True))
        )
    late = sorted((tick - start) % period / 1e6 for tick in ticks)
    made = len({int((tick - start) / period) for tick in ticks})
    whole = int((ticks[-1] - start) / period) - int((ticks[0] - start) / period) + 1
    return late[int(0.99 * (len(late) - 1))], 100 * (1 - made / whole)
