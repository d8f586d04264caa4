"""How many links a text claims, by what it sets apart as a list, else by its length."""

from __future__ import annotations

import polars as pl

_SUMMING_UP = (
    r"(?i)\b(?:conclusion|summary|introduction|overview|references|further reading|in short)\b"
)
_NUMBERED = r"^\s*(?:#+\s*)?(?:\*\*)?\(?\d{1,2}[.)]\s"
_BOLD = r"^\s*(?:[-*+•]\s+|\d{1,2}[.)]\s+)?\*\*[^*\n]{2,60}\*\*"
_ID = "response_id"
_SENTENCES_EACH = 5
_AGAINST = 0.5  # a sentence that rather denies or concedes tells of no link
_MOST = 12


def connections(said: pl.DataFrame) -> pl.DataFrame:
    """``response_id, connections`` of texts that claim links, at least 1 and at most 12.

    ``said`` holds their sentences with what each says. Counted are numbered lines, else lines that
    open in bold, else list items, else headings that don't sum up (of each two or more), else the
    rows of a table. A text without any has one link, and another for every five sentences that
    neither deny nor concede. No two are checked for saying the same.
    """
    text = pl.col("text")
    kinds = {
        "numbered": text.str.contains(_NUMBERED),
        "bold": text.str.contains(_BOLD) & ~text.str.contains(_SUMMING_UP),
        "items": pl.col("item"),
        "headings": pl.col("heading") & (pl.col("line") > 0) & ~text.str.contains(_SUMMING_UP),
        "rows": pl.col("table"),
    }
    counted = said.group_by(_ID, maintain_order=True).agg(
        (pl.max_horizontal("denial", "concession") < _AGAINST).sum().alias("telling"),
        *(pl.col("line").filter(chosen).n_unique().alias(name) for name, chosen in kinds.items()),
    )
    several = [pl.when(pl.col(name) > 1).then(pl.col(name)) for name in tuple(kinds)[:4]]
    rows = pl.when(pl.col("rows") > 2).then(pl.col("rows") - 2)  # its head and the line under it
    of_length = (1 + pl.col("telling") / _SENTENCES_EACH).round()
    return counted.select(
        _ID,
        pl.coalesce(*several, rows, of_length).clip(1, _MOST).cast(pl.Int64).alias("connections"),
    )
