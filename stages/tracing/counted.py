"""What processes used by their own counters, each nanosecond and byte once.

Linux adds what an ended process used to its parent once that has waited for it: CPU time in a
counter apart (``children_cpu_ns``), bytes in the parent's own counters. A process that was seen and
has ended is therefore in the trace twice, and one too short to be seen once. So

- CPU time is that of every process seen, and of the counters apart what they hold beyond the
  processes seen that have ended: the ones that weren't seen.
- Bytes are those of the processes that still ran at the last reading, and of the command or the
  processes that were named: the others' are among them. What an ended process had moved before the
  run began is taken off again.

Both stay below the truth where a process ended that nobody waited for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

_OWN = ("minor_faults", "major_faults")
_PASSED_UP = ("read_bytes", "written_bytes", "read_chars", "written_chars")
_COUNTERS = ("cpu_ns", "children_cpu_ns", *_OWN, *_PASSED_UP)


@dataclass(frozen=True)
class Counted:
    """Processes, a row each, with the first and the last reading of their counters."""

    lives: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.LazyFrame) -> Counted:
        """The processes in rows of ``trace_process``."""
        lives = rows.group_by("pid", "created_ns").agg(
            pl.col("t_ns").min().alias("from_ns"),
            pl.col("t_ns").max().alias("until_ns"),
            *(pl.col(name).max() for name in _COUNTERS),  # they only grow
            *(pl.col(name).min().alias(f"{name}_first") for name in _COUNTERS),
        )
        known = pl.col("^children_cpu_ns.*$").fill_null(0)  # a system that has none adds nothing
        return cls(lives.with_columns(known).collect())

    def at_last(self, last_ns: int | None, without: Collection[int]) -> Counted:
        """Those that still ran at the last reading, but for these; none where there was none."""
        if last_ns is None:
            return Counted(self.lives.clear())
        ran = (pl.col("until_ns") == last_ns) & ~pl.col("pid").is_in(list(without))
        return Counted(self.lives.filter(ran))

    def whole(self, counter: str) -> int | None:
        """A counter since each process began; CPU time with what it has waited for.

        Null where it isn't known of one of them.
        """
        own = _sum(self.lives[counter])
        if own is None or counter != "cpu_ns":
            return own
        return own + int(self.lives["children_cpu_ns"].sum())

    def since(
        self, counter: str, born_after_ns: int, roots: Collection[int], last_ns: int | None
    ) -> int | None:
        """What they used of a counter in the run, by the rule at the head of this file.

        ``roots`` are the ones that nobody seen has waited for. Null where it isn't known of one.
        """
        lives = self.lives.with_columns(old=pl.col("created_ns") < born_after_ns)
        ended = ~pl.col("pid").is_in(list(roots)) & (pl.col("until_ns") < (last_ns or 0))
        absorbed = lives.filter(ended)
        if counter in _OWN:
            return _grown(lives, counter)
        if counter == "cpu_ns":
            seen = int(absorbed["cpu_ns"].sum()) + int(absorbed["children_cpu_ns"].sum())
            unseen = max(0, (_grown(lives, "children_cpu_ns") or 0) - seen)
            own = _grown(lives, "cpu_ns")
            return None if own is None else own + unseen
        before = int(absorbed.filter("old")[f"{counter}_first"].sum())
        grown = _grown(lives.join(absorbed, on=["pid", "created_ns"], how="anti"), counter)
        return None if grown is None else max(0, grown - before)


def _grown(lives: pl.DataFrame, counter: str) -> int | None:
    first = pl.when("old").then(pl.col(f"{counter}_first")).otherwise(0)
    return _sum(lives.select(pl.col(counter) - first)[counter])


def _sum(values: pl.Series) -> int | None:
    return None if values.null_count() else int(values.sum())
