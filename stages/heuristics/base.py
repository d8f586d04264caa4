"""What a heuristic is: its columns, what it needs, and how it computes a whole frame at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import polars as pl

from stages.columns import Column, schema
from stages.plans.score import ScorePlan
from stages.tables import NOTES


class Result(NamedTuple):
    """Values of a heuristic.

    ``values`` has its columns, a row for each row of the frame and in its order; ``notes`` has
    the columns of ``NOTES``.
    """

    values: pl.DataFrame
    notes: pl.DataFrame


class Batched(NamedTuple):
    """How a heuristic of scope ``group`` gets by with a batch of rows at a time.

    ``gather`` makes of all rows (``response_id`` and ``needs``) the little table that a row must
    be held against; ``judge`` gives a batch its result by it.
    """

    gather: Callable[[pl.LazyFrame], pl.LazyFrame]
    judge: Callable[[pl.DataFrame, pl.DataFrame, ScorePlan], Result]


@dataclass(frozen=True)
class Heuristic:
    """One claim about text.

    ``compute`` gets a frame of ``response_id`` and the columns that ``needs`` names: those of
    ``responses``, ``turns``, ``topics``, ``truth``, ``reference`` and ``pair`` of the prompt, or of
    other heuristics, which ``requires`` then names. ``scope`` is ``row`` where a row's value
    depends on that row alone, so that any batch of rows will do, and ``group`` where it depends
    on other responses of the same source: it gets all rows at once, unless ``batched`` says how to
    do without, so that memory stays flat. ``source`` says where the definition comes from.
    """

    name: str
    columns: tuple[Column, ...]
    needs: tuple[str, ...]
    source: str
    compute: Callable[[pl.DataFrame, ScorePlan], Result]
    requires: tuple[str, ...] = ()
    scope: Literal["row", "group"] = "row"
    batched: Batched | None = None


def no_notes() -> pl.DataFrame:
    """No note at all."""
    return schema(NOTES).to_frame()


def reasons(frame: pl.DataFrame, column: str, reason: pl.Expr) -> pl.DataFrame:
    """Notes that say why ``column`` has no value, for the rows where ``reason`` isn't null."""
    return (
        frame.select("response_id", reason.cast(pl.String).alias("text"))
        .drop_nulls("text")
        .select(
            "response_id",
            pl.lit(column).alias("heuristic"),
            pl.lit("reason").alias("kind"),
            pl.lit(None, pl.String).alias("part"),
            pl.lit(None, pl.Int64).alias("start"),
            pl.lit(None, pl.Int64).alias("end"),
            pl.lit(None, pl.Float64).alias("confidence"),
            "text",
        )
    )


def because(*ladder: tuple[pl.Expr, str]) -> pl.Expr:
    """The reason of the first condition that holds; null where none does."""
    return pl.coalesce(*(pl.when(condition).then(pl.lit(reason)) for condition, reason in ladder))


def evidence(spans: pl.DataFrame, column: str, part: str) -> pl.DataFrame:
    """Notes from a frame of ``response_id, start, end, text`` (offsets in characters)."""
    return spans.select(
        "response_id",
        pl.lit(column).alias("heuristic"),
        pl.lit("evidence").alias("kind"),
        pl.lit(part).alias("part"),
        pl.col("start").cast(pl.Int64),
        pl.col("end").cast(pl.Int64),
        pl.lit(None, pl.Float64).alias("confidence"),
        "text",
    )
