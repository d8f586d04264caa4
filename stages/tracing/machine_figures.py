"""Figures of the machine as a whole while the run lasted: other programs are in them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stages.tracing.figures import Figure, figure
from stages.tracing.memory import most
from stages.tracing.tables import Tables

_ABOUT = "machine"
_FEW = "it was read less than twice meanwhile"


def machine_figures(tables: Tables) -> Iterator[Figure]:
    """CPU, memory, network, disks and the limits of control groups."""
    yield from _system(tables)
    away = tables.during("trace_network").filter(~pl.col("loopback").fill_null(value=False))
    for column, title in (("received_bytes", "received"), ("sent_bytes", "sent")):
        value = grown(away, "interface", column)
        reason = tables.reason("network") or _FEW
        remark = "by all network interfaces"
        yield figure(_ABOUT, f"network_{column}", title, value, "bytes", remark, reason=reason)
    disks = tables.during("trace_disk")
    for column, title in (("read_bytes", "read"), ("written_bytes", "written")):
        value = grown(disks, "device", column)
        reason = tables.reason("disk") or _FEW
        yield figure(_ABOUT, f"disk_{column}", title, value, "bytes", "by all disks", reason=reason)
    yield from _limits(tables)


def grown(rows: pl.LazyFrame, subject: str, counter: str) -> int | None:
    """By how much the counters of all subjects grew; null with fewer than two readings.

    One that goes back was begun anew, and what it lost is left out.
    """
    steps = rows.select(pl.col(counter).diff().over(subject).alias(counter)).collect()[counter]
    steps = steps.drop_nulls()
    return int(steps.clip(lower_bound=0).sum()) if len(steps) else None


def _system(tables: Tables) -> Iterator[Figure]:
    rows = tables.during("trace_system", having="cpu_idle_ns")
    steps = rows.select(
        busy=pl.sum_horizontal("cpu_user_ns", "cpu_system_ns", "cpu_steal_ns").diff(),
        idle=pl.sum_horizontal("cpu_idle_ns", "cpu_iowait_ns").diff(),
    ).collect()
    busy, idle = int(steps["busy"].sum()), int(steps["idle"].sum())
    reason = tables.reason("system") or _FEW
    percent = 100 * busy / (busy + idle) if busy + idle > 0 else None
    yield figure(_ABOUT, "cpu_percent", "CPU", percent, "%", "of all its cores", reason=reason)
    rows = tables.during("trace_system", having="memory_available_bytes")
    used = rows.select(used=pl.col("memory_total_bytes") - pl.col("memory_available_bytes"))
    total = most(rows.select("memory_total_bytes").collect(), "memory_total_bytes")
    remark = f"at most; it has {total / 2**30:.1f} GiB" if total else ""
    value = most(used.collect(), "used")
    yield figure(
        _ABOUT, "memory_peak_bytes", "memory in use", value, "bytes", remark, reason=reason
    )


def _limits(tables: Tables) -> Iterator[Figure]:
    """Only where there is a limit, or where something was held back or killed."""
    rows = tables.during("trace_cgroup")
    lowest = rows.select(pl.col("cpu_limit_cores", "memory_limit_bytes").min()).collect()
    for column, title, unit in (
        ("cpu_limit_cores", "CPU limit", "cores"),
        ("memory_limit_bytes", "memory limit", "bytes"),
    ):
        if lowest.height and (limit := lowest[column].item()) is not None:
            yield Figure(_ABOUT, column, title, limit, unit, "of the control group")
    if held := grown(rows, "cgroup", "throttled_ns"):
        remark = "time that the control group's limit had its tasks wait"
        yield Figure(_ABOUT, "throttled_s", "held back", held / 1e9, "s", remark)
    if killed := grown(rows, "cgroup", "oom_kills"):
        remark = "for want of memory in the control group"
        yield Figure(_ABOUT, "oom_kills", "killed", killed, "processes", remark)
