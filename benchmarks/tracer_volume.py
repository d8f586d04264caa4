"""What a day of tracing takes: at 20 Hz with 4 processes less than 500 MB on disk, in flat memory.

Extrapolated from a run of some minutes (argument: seconds). Files of the sampler are counted as
they lie there in the end, a compressed one for each that was full; the last, not yet full, is
counted by the ratio of the others.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from tracer_load import LIGHT, processes

from stages.trace.keeper import compress, segments
from stages.trace.session import Session
from stages.trace.store import to_parquet
from stages.trace.tracer import Tracer

HZ, DAY = 20.0, 86_400


def main() -> None:
    """Print bytes a day of both forms and how memory went."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as name:
        folder = Path(name)
        with (
            processes(LIGHT, 4) as pids,
            Tracer(folder / "scratch", HZ, Session.begin()) as tracer,
        ):
            for pid in pids:
                tracer.watch(pid, "model", "engine")
            time.sleep(seconds)
        for path in segments(folder / "scratch"):
            if path.suffix == ".log":
                compress(path)
        kept = sum(path.stat().st_size for path in segments(folder / "scratch"))
        to_parquet(folder / "scratch", folder / "tables")
        tables = sum(path.stat().st_size for path in (folder / "tables").iterdir())
        own = pl.read_parquet(folder / "tables" / "trace_process.parquet").filter(
            pl.col("role") == "tracer"
        )["rss_bytes"]
    day = DAY / seconds / 1e6
    third = len(own) // 3
    print(f"{seconds:.0f} s at {HZ:.0f} Hz, 4 processes, extrapolated to 24 h:")
    print(f"as recorded: {kept * day:.0f} MB; as tables: {tables * day:.0f} MB; claim: < 500 MB")
    print(
        f"resident memory: {own[third] / 2**20:.1f} MiB after a third, {own[-1] / 2**20:.1f} MiB "
        f"at the end, {own.max() / 2**20:.1f} MiB at most; claim: flat"
    )


if __name__ == "__main__":
    main()
