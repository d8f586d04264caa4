"""The memory of several processes together, over the run."""

from __future__ import annotations

import polars as pl

_PROCESS = ["pid", "created_ns"]


def together(rows: pl.LazyFrame) -> pl.DataFrame:
    """Resident memory, threads and number of the processes at each reading of all, in order.

    Columns ``t_ns, rss_bytes, threads, processes``. A page that two of them share counts twice;
    what has ended and wasn't waited for yet has none and isn't counted.
    """
    rss = pl.col("rss_bytes")
    readable = rows.filter(rss.is_not_null()).select(_PROCESS).unique()
    # One begun between two readings of all is read by itself at first.
    of_all = rows.join(readable, on=_PROCESS, how="semi").filter(~rss.is_null().any().over("t_ns"))
    summed = (
        of_all.filter(rss > 0)
        .group_by("t_ns")
        .agg(rss.sum(), pl.col("threads").sum(), pl.len().alias("processes"))
    )
    return summed.sort("t_ns").collect()


def shared_once(rows: pl.LazyFrame) -> pl.DataFrame:
    """Resident memory with shared pages divided (PSS), in order; empty where it was never read.

    Columns ``t_ns, pss_bytes``. It is read of one process after another: the last figure of each
    stands until its next or until it ends.
    """
    read = rows.filter(pl.col("pss_bytes").is_not_null()).select(*_PROCESS, "t_ns", "pss_bytes")
    changes = read.sort("t_ns").with_columns(
        pl.col("pss_bytes").diff().over(_PROCESS).fill_null(pl.col("pss_bytes"))
    )
    last = read.group_by(_PROCESS).agg(-pl.col("pss_bytes").sort_by("t_ns").last())
    ends = rows.group_by(_PROCESS).agg(pl.col("t_ns").max() + 1)
    gone = ends.join(last, on=_PROCESS)
    columns = ["t_ns", "pss_bytes"]
    every = pl.concat([changes.select(columns), gone.select(columns)])
    summed = every.group_by("t_ns").agg(pl.col("pss_bytes").sum()).sort("t_ns")
    return summed.with_columns(pl.col("pss_bytes").cum_sum()).collect()


def most(readings: pl.DataFrame, column: str) -> int | None:
    """The largest of a column; null where there is none, or nothing in it."""
    largest = readings[column].max()
    return largest if isinstance(largest, int) else None
