"""What a run used over time, in even steps, each counter's growth where it was made.

A process is found up to a second after it began: what it had used by then is spread over that time.
What ended processes had used appears again in their parents (``counted.py``) and is taken off
there; what no process seen has used belongs to those that were too short to be seen, and is spread
over the second before they were waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.trace.clock import SECOND
from stages.tracing.tables import Tables

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

_STEPS = 240
_IN_FULL_NS = 100_000_000  # from one reading of bytes to the next
_PROCESS = ["pid", "created_ns"]


def edges(tables: Tables, least_s: float = 0.0) -> Times:
    """The edges of the steps, monotonic ns: the readings themselves if a picture can show them all.

    No step is shorter than ``least_s`` but for the last.
    """
    begin, end = tables.run.begin_ns, max(tables.end_ns, tables.run.begin_ns + 1)
    inside = pl.col("t_ns").is_between(begin, end, closed="none")
    ticks = tables.scan("trace_process").filter(inside).select(pl.col("t_ns").unique().sort())
    at = ticks.collect()["t_ns"].to_numpy()
    if len(at) >= _STEPS or least_s:
        step_ns = max((end - begin) / _STEPS, least_s * 1e9)
        at = np.arange(begin + step_ns, end, step_ns).astype(np.int64)
    usual_ns = float(np.median(np.diff(at))) if len(at) > 1 else end - begin
    # A sliver at either end would show more noise than use.
    at = at[(at > begin + usual_ns / 3) & (at < end - usual_ns / 3)]
    return np.array([begin, *at, end], np.int64)


class ProcessCourses:
    """The processes of a role over the steps between ``at_ns``."""

    def __init__(self, tables: Tables, role: str, at_ns: Times) -> None:
        self._tables = tables
        self._at = at_ns
        self._rows = tables.scan("trace_process").filter(pl.col("role") == role)

    def cores(self) -> Floats | None:
        """Cores busy in each step; null where nothing was read."""
        own, children, absorbed = (np.zeros(len(self._at)) for _ in range(3))
        lives = list(self._lives("cpu_ns", "children_cpu_ns"))
        for life in lives:
            own += life.grown(0, self._at)
            children += life.grown(1, self._at)
            absorbed += life.absorbed(life.values[:, -1].sum(), self._at)
        unseen = np.maximum.accumulate(np.maximum(children - absorbed, 0))
        return self._rate(own + _spread(unseen, self._at)) if lives else None

    def bytes_s(self, counter: str) -> Floats | None:
        """Growth a second of a counter of bytes in each step; null where nothing was read."""
        total = np.zeros(len(self._at))
        lives = list(self._lives(counter))
        for life in lives:
            total += life.grown(0, self._at) - life.absorbed(
                life.values[0, -1], self._at, early=True
            )
        return self._rate(np.maximum.accumulate(total)) * 1e9 if lives else None

    def _rate(self, total: Floats) -> Floats:
        rate: Floats = np.diff(total) / np.diff(self._at)
        return rate

    def _lives(self, *counters: str) -> Iterator[_Life]:
        """Each process, by the first and the last reading of it in each step."""
        begin = int(self._at[0])
        rows = self._rows.filter(pl.col(counters[0]).is_not_null()).sort("t_ns")
        step = pl.lit(pl.Series(self._at)).search_sorted(pl.col("t_ns")).alias("step")
        read = pl.col("t_ns").alias("at"), *(pl.col(name) for name in counters)
        in_full = rows.drop_nulls(counters)  # some counters are read at some ticks only
        points = [
            some.group_by(*_PROCESS, step, maintain_order=True).agg(which(one) for one in read)
            for some in (rows, in_full)
            for which in (pl.Expr.first, pl.Expr.last)
        ]
        until = self._rows.group_by(_PROCESS).agg(pl.col("t_ns").max().alias("until"))
        each = pl.concat(points).unique([*_PROCESS, "at"]).sort(*_PROCESS, "at")
        # What wasn't read stays as it was.
        each = each.with_columns(pl.col(counters).forward_fill().over(_PROCESS)).fill_null(0)
        lives = each.join(until, on=_PROCESS, how="left", maintain_order="left").collect()
        ahead = self._tables.boot_ahead_ns
        roots = {*self._tables.run.watched, self._tables.run.pid}
        for (pid, created_ns), life in lives.group_by(_PROCESS, maintain_order=True):
            yield _Life(
                # What is read after the run's end is what there was at its end.
                np.minimum(life["at"].to_numpy(), self._at[-1]),
                life.select(counters).to_numpy().T.astype(np.float64),
                born_ns=None
                if created_ns < self._tables.born_after_ns
                else max(created_ns - ahead, begin),
                stays=pid in roots or life["until"][0] == self._tables.last_ns,
                reading_ns=1e9 / self._tables.run.hz,
            )


@dataclass(frozen=True)
class _Life:
    """One process: its counters (a row each) at some times.

    ``born_ns`` is null if it began before the run; it ``stays`` if it isn't in another's counters.
    """

    t_ns: Times
    values: Floats
    born_ns: int | None
    stays: bool
    reading_ns: float

    def grown(self, counter: int, at_ns: Times) -> Floats:
        """What a counter has gained in the run by these times."""
        values = self.values[counter]
        if self.born_ns is None:
            return _between(at_ns, self.t_ns, values - values[0])
        born = min(self.born_ns, int(self.t_ns[0]))
        return _between(at_ns, np.insert(self.t_ns, 0, born), np.insert(values, 0, 0))

    def absorbed(self, amount: float, at_ns: Times, early: bool = False) -> Floats:
        """What of it is in its parent's counters as well by these times, ``amount`` in the end.

        With ``early`` from the reading before its last one if that is near: what its parent gained
        lies on the line from there.
        """
        if self.stays:
            return np.zeros(len(at_ns))
        last = int(self.t_ns[-1])
        before = int(self.t_ns[-2:][0])
        begin = before if early and last - before < _IN_FULL_NS else last
        # By the run's end its parent has it, however soon after the reading that is.
        end = max(last + 1, min(last + round(self.reading_ns), int(at_ns[-1])))
        return _between(at_ns, np.array([begin, end]), np.array([0, amount]))


def _spread(total: Floats, at_ns: Times) -> Floats:
    """A sum that jumps when a child is waited for, as it grew: over the second before.

    A child that lived longer would have been seen.
    """
    end = at_ns[1:]
    begin = np.maximum(end - SECOND, at_ns[0])
    made = np.clip((at_ns[:, None] - begin) / (end - begin), 0, 1)
    found: Floats = total[0] + made @ np.diff(total)
    return found


def _between(at_ns: Times, known_ns: Times, values: Floats) -> Floats:
    found: Floats = np.interp(at_ns, known_ns, values)
    return found
