"""Which of two topics each sentence leans to, and whether a text tells of one after the other.

A sentence that names no topic ("The big cat runs …") still leans to one: its vector lies nearer to
that topic's. A text that keeps two topics apart leans first to the one, then to the other; a text
that connects them goes to and fro.
"""

from __future__ import annotations

import polars as pl

from stages.heuristics.stance_near import at_ends

FEATURES = (
    "lean_step",
    "lean_gap",
    "lean_fit",
    "lean_side",
    "lean_clear",
    "lean_jump",
    "near_step",
    "near_both",
    "near_both_most",
    "near_missed",
    "one_topic",
    "columns",
)
_STEEP = 2.5  # a difference of cosines of 0.4 is a clear case
_TOLD = 0.7  # how far a sentence leans by its heading alone
_COLUMNS = r"\|[^|]*A[^|]*\|(?:.*\|)?[^|]*B|\|[^|]*B[^|]*\|(?:.*\|)?[^|]*A"
_KNOWN = 0.5  # cosine of a sentence that is plainly about a topic
_ID = "response_id"


def leaning(marked: pl.DataFrame) -> pl.DataFrame:
    """A row a text of ``marked_sentences`` with ``response_id`` and ``FEATURES``.

    ``marked`` has the columns of ``near``, whose ends alone tell here. A lean is 1 for the
    first topic, -1 for the second, 0 for neither or both. ``lean_step``: how much the means
    before and after the best cut differ, times the root of ``before · after / all``
    (sentences); ``lean_gap``: the difference alone; ``lean_fit``: the share of the variance
    that the cut explains; ``lean_side``: the size of the mean; ``lean_clear``: the mean size;
    ``lean_jump``: half the mean step between neighbours. ``near_step`` is ``lean_step`` by
    cosines alone; ``near_both``: the mean of each sentence's smaller cosine with a topic,
    ``near_both_most`` the greatest; ``near_missed``: how far the topic that the text comes less
    near to stays below a cosine of 0.5, ``one_topic`` the same where only one is ever named.
    ``columns``: 1 if a table has a column for each topic; its rows then count for nothing else.
    0 where no sentence tells.
    """
    table = pl.col("table")
    head = table & (table.cum_sum().over(_ID) == 1) & pl.col("masked").str.contains(_COLUMNS)
    told = marked.with_columns(head.any().over(_ID).alias("columns"))
    seen = told.filter(pl.col("looked_at") & at_ends() & ~(pl.col("columns") & table))
    near = _leans(seen)
    aside = (pl.col("asks") | pl.col("to_reader")) & ~pl.col("one")
    telling = near.filter(~aside & ~pl.col("denial_of_two"))
    lean, both = pl.col("lean"), pl.min_horizontal("near_first", "near_second").round(2)
    whole = told.group_by(_ID, maintain_order=True).agg(pl.col("columns").any().cast(pl.Float64))
    for part in (
        _cut(telling, "lean").rename({name: f"lean_{name}" for name in ("step", "gap", "fit")}),
        _cut(near, "drift").select(_ID, pl.col("step").alias("near_step")),
        near.group_by(_ID)
        .agg(
            both.mean().alias("near_both"),
            both.max().alias("near_both_most"),
            (_KNOWN - pl.min_horizontal(pl.col("near_first").max(), pl.col("near_second").max()))
            .clip(lower_bound=0)
            .round(2)
            .alias("near_missed"),
            (pl.col("names_first").any() ^ pl.col("names_second").any()).alias("alone"),
        )
        .with_columns((pl.col("near_missed") * pl.col("alone")).alias("one_topic")),
        telling.group_by(_ID).agg(
            lean.mean().abs().alias("lean_side"),
            lean.abs().mean().alias("lean_clear"),
            (lean.diff().abs().mean() / 2).alias("lean_jump"),
        ),
    ):
        whole = whole.join(part, on=_ID, how="left", maintain_order="left")
    return whole.select(_ID, *(pl.col(name).fill_null(0.0) for name in FEATURES))


def _leans(near: pl.DataFrame) -> pl.DataFrame:
    drift = (pl.col("near_first") - pl.col("near_second")).round(2)
    by_vector = (drift * _STEEP).clip(-1.0, 1.0)
    lean = (
        pl.when(pl.col("one"))
        .then(pl.when(pl.col("names_first")).then(1.0).otherwise(-1.0))
        .when(pl.col("both"))
        .then(0.0)
        .when(pl.col("about") == "first")
        .then(_TOLD + (1 - _TOLD) * by_vector)
        .when(pl.col("about") == "second")
        .then(-_TOLD + (1 - _TOLD) * by_vector)
        .otherwise(by_vector)
    )
    return near.with_columns(lean.alias("lean"), drift.alias("drift"))


def _cut(found: pl.DataFrame, column: str) -> pl.DataFrame:
    """``response_id, step, gap, fit`` of the best cut of a column's values in two."""
    value, size = pl.col(column), pl.len().over(_ID)
    before, total = value.cum_sum().over(_ID), value.sum().over(_ID)
    place = pl.int_range(1, pl.len() + 1).over(_ID)
    after = size.cast(pl.Int64) - place
    gap = (before / place - (total - before) / after).abs()
    spread = ((value - value.mean()) ** 2).sum().over(_ID)
    return (
        found.select(
            _ID,
            gap.alias("gap"),
            ((place * after / size).sqrt() * gap).alias("step"),
            spread.alias("spread"),
            after.alias("after"),
        )
        .filter(pl.col("after") > 0)
        .group_by(_ID)
        .agg(
            pl.col("step").max(),
            pl.col("gap").max(),
            (pl.col("step").max() ** 2 / (pl.col("spread").first() + 1e-9)).alias("fit"),
        )
    )
