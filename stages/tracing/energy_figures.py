"""Energy and accelerators while the run lasted. A counter can't tell whose joules it counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from stages.trace.energy import Curve
from stages.tracing.figures import Figure, figure, rounded
from stages.tracing.memory import most
from stages.tracing.run import COMMAND, WATCHED
from stages.tracing.tables import Tables

PLATFORM = "psys"
_ABOUT = "machine"
_UNCOVERED = "the readings don't cover the run: it was too short, or the machine was suspended"


def energy_figures(tables: Tables) -> Iterator[Figure]:
    """Processors with their memory, the platform where it is counted, then each GPU."""
    curves = tables.energy
    processors = processors_of(curves)
    remark = "the memory's with it, where that is counted"
    reason = tables.reason("powercap") or "this system has no such counter"
    yield _energy(tables, processors, "cpu_energy_j", "CPU energy", remark, reason)
    if platform := curves.get(PLATFORM):
        remark = "nearly the whole machine's, the CPU's with it"
        yield _energy(tables, [platform], "platform_energy_j", "platform energy", remark, "")
    gpus = tables.scan("trace_gpu").select("gpu", "name").unique().sort("gpu").collect()
    for number, name in gpus.rows():
        yield from _gpu(tables, number, name)


def processors_of(curves: dict[str, Curve]) -> list[Curve]:
    """Those of the packages and of their memory, of which none is part of another."""
    return [curve for name, curve in curves.items() if name.startswith(("package", "dram"))]


def _energy(
    tables: Tables, curves: list[Curve], name: str, title: str, remark: str, reason: str
) -> Figure:
    if not curves:
        return Figure(_ABOUT, name, title, None, "J", reason)
    begin, end = np.array([tables.run.begin_ns]), np.array([tables.end_ns])
    parts = [curve.between(begin, end) for curve in curves]
    joules, low, high = (
        float(sum(getattr(part, bound)[0] for part in parts)) for bound in ("joules", "low", "high")
    )
    if not np.isfinite(joules):
        return Figure(_ABOUT, name, title, None, "J", _UNCOVERED)
    seconds = (tables.end_ns - tables.run.begin_ns) / 1e9
    mean = f"{rounded(joules / seconds)} W" if seconds else ""
    interval = f"{rounded(low)} to {rounded(high)} J by {curves[0].method}"
    return Figure(_ABOUT, name, title, joules, "J", "; ".join([mean, interval, remark]))


def _gpu(tables: Tables, number: int, product: str) -> Iterator[Figure]:
    key, title = f"gpu{number}", f"GPU {number}"
    rows = tables.during("trace_gpu").filter(gpu=number).collect()
    busy = rows["utilisation_percent"].drop_nulls().to_numpy()
    mean = float(busy.mean()) if len(busy) else None
    reason = tables.reason("gpu") or "it was never read meanwhile"
    remark = f"of the time with a kernel running; {product}"
    yield figure(_ABOUT, f"{key}_utilisation_percent", title, mean, "%", remark, reason=reason)
    total = most(rows, "memory_total_bytes")
    remark = f"at most; it has {total / 2**30:.1f} GiB" if total else "at most"
    used, name = most(rows, "memory_used_bytes"), f"{key}_memory_peak_bytes"
    yield figure(_ABOUT, name, f"{title} memory", used, "bytes", remark, reason=reason)
    if held := _held(tables, number):
        name, remark = f"{key}_traced_memory_peak_bytes", "of the traced processes, at most"
        yield Figure(_ABOUT, name, f"{title} memory", held, "bytes", remark)
    curves = [curve] if (curve := tables.energy.get(title)) else []
    reason = tables.reason("gpu") or "the device gives neither energy nor power"
    remark = "the whole device's"
    yield _energy(tables, curves, f"{key}_energy_j", f"{title} energy", remark, reason)


def _held(tables: Tables, number: int) -> int | None:
    """Device memory that the traced processes held, at most at once."""
    traced = tables.scan("trace_process").filter(pl.col("role").is_in([COMMAND, WATCHED]))
    pids = traced.select(pl.col("pid").unique()).collect()["pid"].to_list()
    held = tables.during("trace_gpu_process").filter(gpu=number).filter(pl.col("pid").is_in(pids))
    return most(held.group_by("t_ns").agg(pl.col("memory_bytes").sum()).collect(), "memory_bytes")
