"""Figures of the command and of the processes that were watched by their number.

What the command used is the kernel's sum (``usage.py``) and, of descendants that outlived it, what
they had used by the last reading. Without that sum, and of watched processes, the rule is that of
``counted.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stages.trace.lanes.tenths import PER_S
from stages.tracing.counted import Counted
from stages.tracing.figures import Figure, Value, figure
from stages.tracing.memory import most, shared_once, together
from stages.tracing.run import COMMAND
from stages.tracing.tables import Tables

_NEVER_READ = "it ended before the tracer could read it"
_SMALL = "too small and too short to tell: the kernel's record begins with this program's memory"
_EACH_SECOND = "it ended before it was read, which is once a second"
_BYTES = (
    ("read_chars", "read_bytes", "read", "by system calls, cached or not"),
    ("written_chars", "written_bytes", "written", "by system calls, cached or not"),
    ("read_bytes", "storage_read_bytes", "read from storage", ""),
    ("written_bytes", "storage_written_bytes", "written to storage", "in whole pages"),
)


class ProcessFigures:
    """The figures of the processes in one role."""

    def __init__(self, tables: Tables, role: str) -> None:
        self._tables = tables
        self._role = role
        self._run = tables.run
        self._usage = self._run.usage if role == COMMAND else None
        self._rows = tables.scan("trace_process").filter(pl.col("role") == role)
        self._all = Counted.of(self._rows)
        self._together = together(self._rows)

    def figures(self) -> Iterator[Figure]:
        """All of them."""
        yield self._cpu()
        yield from self._memory()
        for counter, *named in _BYTES:
            yield self._counter(counter, *named)
        yield self._counter("minor_faults", "minor_faults", "page faults", "without a disk")
        yield self._counter("major_faults", "major_faults", "page faults", "that read a disk")
        yield from self._census()

    def _used(self, counter: str) -> int | None:
        run, last = self._run, self._tables.last_ns
        if (usage := self._usage) is None:
            roots = [*run.watched, *([run.pid] if run.pid else [])]
            return self._all.since(counter, self._tables.born_after_ns, roots, last)
        # Once the tracer has failed its last reading isn't of the end.
        outlived = self._all.at_last(None if run.fault else last, {run.pid or 0, *run.late})
        if counter == "cpu_ns":
            ended: int | None = round((usage.user_s + usage.system_s) * 1e9)
        else:
            ended = getattr(usage, counter)
        beyond = outlived.whole(counter)
        return None if ended is None or beyond is None else ended + beyond

    def _cpu(self) -> Figure:
        seconds = (self._tables.end_ns - self._run.begin_ns) / 1e9
        ns = self._used("cpu_ns")
        if ns is None or (self._usage is None and not self._seen):
            return self._figure("cpu_s", "CPU time", None, "s", "", self._why_none())
        remark = f"{ns / 1e9 / seconds:.2f} cores busy" if seconds else ""
        if usage := self._usage:
            remark += f"; user {usage.user_s:.2f} s, kernel {usage.system_s:.2f} s"
        return self._figure("cpu_s", "CPU time", ns / 1e9, "s", remark, "")

    def _counter(self, counter: str, name: str, title: str, remark: str) -> Figure:
        value = self._used(counter) if self._usage or self._seen else None
        reason = (self._usage and self._usage.io_reason) or self._why_none()
        unit = "bytes" if name.endswith("bytes") else ""
        return self._figure(name, title, value, unit, remark, reason)

    def _memory(self) -> Iterator[Figure]:
        single = most(self._rows.select("rss_bytes").collect(), "rss_bytes")
        recorded = self._usage.largest_bytes if self._usage else None
        largest = max((n for n in (single, recorded) if n), default=None)
        sampled = most(self._together, "rss_bytes")
        peak = max((n for n in (sampled, largest) if n), default=None)
        reason = (self._usage and _SMALL) or self._why_none()
        remark = f"all processes together, read {min(self._run.hz, PER_S):g} times a second"
        yield self._figure("memory_peak_bytes", "peak memory", peak, "bytes", remark, reason)
        remark = "recorded by the kernel" if largest == recorded else "as read"
        yield self._figure(
            "process_peak_bytes", "largest process", largest, "bytes", remark, reason
        )
        pss = most(shared_once(self._rows), "pss_bytes")
        remark = "shared pages counted once; read once a second"
        reason = self._why_none()
        yield self._figure("pss_peak_bytes", "peak memory (PSS)", pss, "bytes", remark, reason)

    def _census(self) -> Iterator[Figure]:
        reason = self._why_none()
        at_once = most(self._together, "processes")
        remark = f"{at_once} at most at once; those under a second are counted, not seen"
        yield self._figure("processes_seen", "processes", self._seen, "seen", remark, reason)
        threads = most(self._together, "threads")
        yield self._figure("threads_peak", "threads", threads, "", "at most at once", reason)
        counted = self._rows.filter(pl.col("remote_sockets").is_not_null())
        sockets = most(
            counted.group_by("t_ns").agg(pl.col("remote_sockets").sum()).collect(), "remote_sockets"
        )
        remark = "with a peer beyond this machine, at most at once; counted once a second"
        yield self._figure("remote_sockets_peak", "sockets", sockets, "", remark, reason)

    @property
    def _seen(self) -> int | None:
        return self._all.lives.height or None

    def _why_none(self) -> str:
        if not self._seen:
            return _NEVER_READ
        return self._tables.reason("process") or _EACH_SECOND

    def _figure(
        self, name: str, title: str, value: Value, unit: str, remark: str, reason: str
    ) -> Figure:
        return figure(self._role, name, title, value, unit, remark, reason=reason)
