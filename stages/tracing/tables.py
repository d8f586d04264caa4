"""A traced run's tables as its summary and its picture read them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from stages.database.energy_devices import devices
from stages.trace.energy import Curve
from stages.tracing.run import Run

_LOOK_BACK_NS = 20_000_000  # a process's beginning is known to a clock tick
_READ_IN_FULL_NS = 1_000_000_000  # at the latest after this the tracer sees that one has ended


class Tables:
    """The Parquet files of ``folder``, for the run that they are of."""

    def __init__(self, folder: Path, run: Run) -> None:
        self._folder = folder
        self.run = run

    def scan(self, table: str) -> pl.LazyFrame:
        """A table as it is."""
        path = self._folder / f"{table}.parquet"
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)

    def during(self, table: str, having: str = "t_ns") -> pl.LazyFrame:
        """A table from its last reading before the run to its first one after it, in order.

        Only readings that have a value in the column ``having``.
        """
        rows = self.scan(table).drop_nulls(having)
        t = pl.col("t_ns")
        before = rows.filter(t <= self.run.begin_ns).select(t.max()).collect().item()
        after = rows.filter(t >= self.end_ns).select(t.min()).collect().item()
        begin, end = before or self.run.begin_ns, after or self.end_ns
        return rows.filter(t.is_between(begin, end)).sort("t_ns")

    @cached_property
    def end_ns(self) -> int:
        """The run's end; its last reading where this program was killed."""
        end = self.run.end_ns or self.last_ns or self.run.begin_ns
        # While this program was stopped (SIGSTOP) only the tracer could see the command's end.
        seen = self._last_of_command_ns
        patience_ns = _READ_IN_FULL_NS + round(2e9 / self.run.hz)
        watched_on = not self.run.fault and self.last_ns is not None and self.last_ns >= end
        return seen if seen and watched_on and end - seen > patience_ns else end

    @cached_property
    def _last_of_command_ns(self) -> int | None:
        if self.run.pid is None:
            return None
        rows = self.scan("trace_process").filter(pl.col("pid") == self.run.pid)
        last: int | None = rows.select(pl.col("t_ns").max()).collect().item()
        return last

    @cached_property
    def last_ns(self) -> int | None:
        """The last reading of processes: the tracer itself is always one of them."""
        last: int | None = self.scan("trace_process").select(pl.col("t_ns").max()).collect().item()
        return last

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """What the tracer noted."""
        return self.scan("trace_events").collect().to_dicts()

    def reason(self, *lanes: str) -> str | None:
        """Why the first of these lanes that says so isn't there, or not whole."""
        return next(
            (
                str(event["detail"])
                for lane in lanes
                for event in self.events
                if event["kind"] == "lane_missing" and event["lane"] == lane
            ),
            None,
        )

    @cached_property
    def suspends_ns(self) -> list[int]:
        """When the tracer found that the machine had been suspended.

        While only the tracer stood still (a gap) the counters went on.
        """
        return [event["t_ns"] for event in self.events if event["kind"] == "suspend"]

    @cached_property
    def energy(self) -> dict[str, Curve]:
        """The energy of each device that has some way to tell it, by its name."""
        with duckdb.connect() as con:
            for table in ("trace_gpu", "trace_energy"):
                con.read_parquet(str(self._folder / f"{table}.parquet")).create_view(table)
            session_id = self.scan("sessions").collect()["session_id"][0]
            return {d.name: d.curve for d in devices(con, session_id, self.suspends_ns)}

    @cached_property
    def born_after_ns(self) -> int:
        """Processes that began after this, in ns since boot, began after the run did."""
        return self.run.begin_ns + self.boot_ahead_ns - _LOOK_BACK_NS

    @cached_property
    def boot_ahead_ns(self) -> int:
        """Time since boot less monotonic time: how long the machine had been suspended."""
        anchors = self.scan("sessions").collect()["anchors"].to_list()
        first = anchors[0][0] if anchors and anchors[0] else None
        return first["boot_ns"] - first["monotonic_ns"] if first else 0
