"""A text as a table of sentences that knows where each stands, in the text and in its Markdown."""

from __future__ import annotations

import polars as pl

_CUT = "\x1f"  # unit separator: it stands for nothing in a text
_FULL_STOP = r"""([\p{L}\d)\]"'”’*_]{2}[.!?…]["'”’)\]*_]*[ \t]+)(\p{Lu}|[*_"“‘(\[\d])"""
_FENCE = r"^\s{0,3}(?:```|~~~)"
_HEADING = r"^\s{0,3}#{1,6}\s|^\s*(?:\*\*|__)[^\n]+(?:\*\*|__):?\s*$"
_ITEM = r"^\s*(?:[-*+•·–]\s|\(?\d{1,3}[.)]\s|\p{So}\s*\S|\*\*[^*\n]{1,80}\*\*)"
_TABLE = r"^\s*\|"


def sentences(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """The sentences of a column of texts.

    ``frame`` has ``response_id`` and the column ``text``. The result has ``response_id``,
    ``line`` (number of the line, from 0), ``kind`` of the line (heading, item, table or plain),
    ``start`` and ``end`` (characters of the text) and ``text``, in the text's order. Fenced code
    and empty lines are left out.

    A line ends a sentence, and so does a full stop before a capital, a digit or a quotation. No
    abbreviation is known: "Dr. Who" may be cut in two.
    """
    clean = pl.col(text).str.replace_all(_CUT, " ", literal=True)
    lines = (
        frame.select("response_id", clean.str.split("\n").alias("text"))
        .explode("text")
        .drop_nulls("text")
        .with_columns(
            pl.int_range(pl.len()).over("response_id").alias("line"),
            _starts("response_id", 1).alias("offset"),
            _kind().alias("kind"),
            pl.col("text").str.contains(_FENCE).alias("fence"),
        )
        .with_columns(pl.col("fence").cum_sum().over("response_id").alias("fences"))
        .filter(~pl.col("fence"), pl.col("fences") % 2 == 0)
    )
    marked = pl.col("text").str.replace_all(_FULL_STOP, f"${{1}}{_CUT}${{2}}").str.split(_CUT)
    return (
        lines.with_columns(marked)
        .with_row_index("of")
        .explode("text")
        .with_columns((_starts("of", 0) + pl.col("offset")).alias("start"))
        .with_columns((pl.col("start") + pl.col("text").str.len_chars()).alias("end"))
        .filter(pl.col("text").str.contains(r"\S"))
        .select("response_id", "line", "kind", "start", "end", "text")
    )


def _starts(group: str, separator: int) -> pl.Expr:
    """Offset of each piece of a text that was cut into ``text``, ``separator`` between two.

    The pieces of a text stand one after another, with the same ``group``.
    """
    length = pl.col("text").str.len_chars().cast(pl.Int64) + separator
    before = length.cum_sum() - length
    begins = pl.col(group).ne_missing(pl.col(group).shift(1))
    return before - pl.when(begins).then(before).forward_fill()


def _kind() -> pl.Expr:
    text = pl.col("text")
    return (
        pl.when(text.str.contains(_HEADING))
        .then(pl.lit("heading"))
        .when(text.str.contains(_TABLE))
        .then(pl.lit("table"))
        .when(text.str.contains(_ITEM))
        .then(pl.lit("item"))
        .otherwise(pl.lit("plain"))
    )
