"""Whether the tracer's figures are true, of processes whose use is known, at 50 Hz.

Claims: the CPU use of a process with a known duty cycle within 3 points (RMSE over windows of
100 ms), the memory of a known allocation ± 1 %, the bytes that a known writer writes exactly, and a
process that takes over a model's work found within 1 s, both with rows under its key.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from tracer_load import traced

from stages.trace.followed import Followed
from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer

HZ = 50.0

# 15 % of the time busy, in turns of 20 ms; prints when each turn's work began and ended.
DUTY = """
import time
end = time.monotonic() + 12
while (now := time.monotonic()) < end:
    began = time.monotonic_ns()
    cpu = time.process_time()
    while time.process_time() - cpu < 0.003:
        pass
    print(began, time.monotonic_ns(), flush=True)
    time.sleep(max(0, now + 0.02 - time.monotonic()))
"""
BYTES = 512 * 2**20
ALLOCATION = f"""
import sys, time
print(flush=True); sys.stdin.readline()
held = bytearray({BYTES})
for at in range(0, len(held), 4096):
    held[at] = 1
print(flush=True); sys.stdin.readline()
"""
WRITES, WRITTEN = 500, 7919
WRITER = f"""
import os, sys, tempfile
with tempfile.TemporaryFile() as file:
    sys.stdin.readline()
    for _ in range({WRITES}):
        os.write(file.fileno(), bytes({WRITTEN}))
sys.stdin.readline()
"""


def main() -> None:
    """Print each figure beside the truth."""
    for check in (duty, allocation, writer, takeover):
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as folder:
            check(Path(folder))


def duty(folder: Path) -> None:
    """The CPU share of each window of 100 ms against what the process did in it."""
    process = _python(DUTY)
    rows = traced(folder, HZ, 10, [process.pid])["trace_process"].filter(pl.col("role") == "engine")
    said, _ = process.communicate()
    turns = np.array([line.split() for line in said.splitlines()], dtype=np.int64)
    # a turn's work is 3 ms of CPU time between its two times
    worked = np.concatenate([[0], np.repeat(3e6, len(turns)).cumsum()])
    edges = np.arange(rows["t_ns"][5], rows["t_ns"][-5], 100_000_000)
    cpu = np.interp(edges, rows["t_ns"], rows["cpu_ns"])
    began, ended = np.searchsorted(turns[:, 0], edges), np.searchsorted(turns[:, 1], edges)
    inside = np.clip(edges - turns[np.minimum(ended, len(turns) - 1), 0], 0, 3_000_000)
    truth = worked[ended] + np.where(began > ended, inside, 0)
    errors = 100 * (np.diff(cpu) - np.diff(truth)) / 1e8
    shares = 100 * np.diff(truth) / 1e8
    print(
        f"CPU of a 15 % duty cycle: RMSE {np.sqrt(np.mean(errors**2)):.2f} points over "
        f"{len(errors)} windows of 100 ms (true mean {shares.mean():.1f} %); claim: ≤ 3"
    )


def allocation(folder: Path) -> None:
    """What resident memory grew by."""
    process = _python(ALLOCATION)
    with Tracer(folder / "scratch", HZ, Session.begin()) as tracer:
        tracer.watch(process.pid, "model", "engine")
        _line(process)
        time.sleep(2)  # PSS comes once a second
        _go(process)
        _line(process)
        time.sleep(2)
    _go(process)
    process.wait()
    rows = _rows(folder)
    for column in ("rss_bytes", "pss_bytes"):
        values = rows[column].drop_nulls()
        grown = values.max() - values.min() if len(values) > 1 else 0
        print(f"{column} of {BYTES} bytes: {100 * (grown / BYTES - 1):+.3f} %; claim: ± 1 %")


def writer(folder: Path) -> None:
    """What system calls wrote."""
    process = _python(WRITER)
    with Tracer(folder / "scratch", HZ, Session.begin()) as tracer:
        tracer.watch(process.pid, "model", "engine")
        tracer.settle()
        _go(process)
        time.sleep(1)
    process.communicate("\n")
    written = _rows(folder)["written_chars"]
    off = written.max() - written.min() - WRITES * WRITTEN
    print(f"written_chars of {WRITES} writes of {WRITTEN} bytes: off by {off} bytes; claim: 0")


def takeover(folder: Path) -> None:
    """How long a model's next process runs before it is found."""
    delays, runs = [], 10
    code = "import time; time.sleep(60)"
    with Tracer(folder / "scratch", HZ, Session.begin()) as tracer:
        tracer.follow("model", Followed(mark="overthink-benchmark-mark"))
        began = {}
        for _ in range(runs):
            process = subprocess.Popen([sys.executable, "-c", code, "overthink-benchmark-mark"])
            began[process.pid] = time.monotonic_ns()
            time.sleep(1.3)
            process.kill()
            process.wait()
    rows = _rows(folder)
    for pid, start in began.items():
        found = rows.filter(pl.col("pid") == pid)["t_ns"].min()
        delays.append((found - start) / 1e9 if found else float("inf"))
    print(
        f"a process that takes over: found after {max(delays):.2f} s at most, "
        f"median {sorted(delays)[runs // 2]:.2f} s, n {runs}; claim: ≤ 1 s, each with rows"
    )


def _python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _line(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    process.stdout.readline()


def _rows(folder: Path) -> pl.DataFrame:
    to_parquet(folder / "scratch", folder / "tables")
    return pl.read_parquet(folder / "tables" / "trace_process.parquet").filter(
        pl.col("role") == "engine"
    )


if __name__ == "__main__":
    main()
