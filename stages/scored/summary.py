"""What the heuristics say of all responses together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from stages.columns import Column
from stages.heuristics.spool import Spooled
from stages.reporting.numbers import figure
from stages.terminal import plain

_AT_ONCE = 4  # columns whose medians are taken together: each is in memory meanwhile
_KINDS = 4


class Line(NamedTuple):
    """A measure, the responses that have a value, and what they say."""

    name: str
    n: int
    says: str


def summary(spooled: Spooled, columns: Sequence[Column]) -> list[Line]:
    """A line a column, in their order; those without any value are left out.

    Of numbers the median and the ninth decile, of verdicts how many hold, of kinds how many are of
    the commonest.
    """
    found: list[Line] = []
    for start in range(0, len(columns), _AT_ONCE):
        some = columns[start : start + _AT_ONCE]
        held = spooled.values.select(_measures(column).alias(column.name) for column in some)
        row = held.collect(engine="streaming").row(0, named=True)
        found += [_line(column, row[column.name]) for column in some if row[column.name]["n"]]
    return found


def missing(spooled: Spooled, columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    """Why columns have no value at all, by the commonest reason of each, with their names."""
    why = (
        spooled.notes.filter(pl.col("kind") == "reason")
        .group_by("heuristic", "text")
        .agg(pl.len())
        .sort("len", "text", descending=[True, False])
        .unique("heuristic", keep="first", maintain_order=True)
        .select("heuristic", "text")
        .collect(engine="streaming")
    )
    reasons = dict(why.iter_rows())
    counts = spooled.values.select(pl.all().count()).collect(engine="streaming").row(0, named=True)
    found: dict[str, list[str]] = {}
    for column in columns:
        if not counts[column.name]:
            found.setdefault(reasons.get(column.name, "nobody knows why"), []).append(column.name)
    return list(found.items())


def _measures(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    n = value.count().alias("n")
    if column.dtype == pl.Boolean:
        return pl.struct(n, value.sum().alias("holding"))
    if column.dtype == pl.String or column.dtype == pl.List:
        kind = value if column.dtype == pl.String else value.drop_nulls().explode()
        counted = kind.alias("kind").drop_nulls().value_counts(sort=True, name="count")
        return pl.struct(n, counted.head(_KINDS).implode().alias("kinds"))
    return pl.struct(n, value.median().alias("median"), value.quantile(0.9).alias("most"))


def _line(column: Column, held: Mapping[str, Any]) -> Line:
    n = held["n"]
    if "holding" in held:
        says = f"{_share(held['holding'], n)} ({held['holding']:,})"
    elif "kinds" in held:
        kinds = sorted(held["kinds"], key=lambda one: (-one["count"], one["kind"]))
        says = ", ".join(f"{plain(one['kind'])} {_share(one['count'], n)}" for one in kinds)
    else:
        unit = "" if column.unit == "fraction" else column.unit
        says = f"median {figure(held['median'], unit)}, 90 % up to {figure(held['most'])}"
    return Line(column.name, n, says)


def _share(count: int, n: int) -> str:
    return f"{100 * count / n:.0f}\u00a0%"
