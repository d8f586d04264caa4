"""The sentences that a verdict about two topics rests on."""

from __future__ import annotations

import polars as pl

_ID = "response_id"
_LONGEST = 1_000  # characters of evidence: a text of one endless sentence isn't copied whole
_OF_BOTH, _EARLY = 0.3, 0.2  # what is added to the score of a link
_LEAST = 0.1  # what a second or third sentence scores at least


def deciding(sentences: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """``response_id, start, end, text, confidence`` of at most four sentences a text.

    ``sentences`` and ``verdicts`` are those of ``Judged``. Of ``separate`` the two surest denials,
    of ``connect`` the three surest links, of ``mixed`` the surest denial and the two surest offers,
    of ``implicit_separate`` for each topic its heading and the first sentence that begins with it
    or is else about it alone; of others that which asks what is meant, or the first of the text.
    ``confidence`` is the verdict's.
    """
    known = sentences.filter(pl.col("text").str.contains(r"\p{L}")).join(
        verdicts.select(_ID, "stance", "confidence"), on=_ID, how="inner", maintain_order="left"
    )
    # What a text that loops says over and over is quoted once.
    known = known.with_columns(pl.col("text").str.strip_chars().alias("said")).unique(
        [_ID, "said"], keep="first", maintain_order=True
    )
    # What says less than it denies offers nothing, and "Good idea." tells a reader nothing.
    dangling = pl.col("short") & ~pl.col("one") & ~pl.col("both")
    # A text claims in its first sentences, and of both topics, what others may only illustrate.
    telling = _OF_BOTH * (pl.col("both") | pl.col("of_two")) + _EARLY * (pl.col("place") <= 1)
    offer = pl.max_horizontal("link", "hedge") - pl.col("denial") - dangling
    stance = pl.col("stance")
    found = [
        _surest(known.filter(stance == "separate"), pl.col("denial"), 2),
        _surest(known.filter(stance == "connect"), offer, 3, telling),
        _surest(known.filter(stance == "mixed"), pl.col("denial"), 1),
        _surest(known.filter(stance == "mixed"), offer, 2, telling),
        _apart(known.filter(stance == "implicit_separate")),
    ]
    spans = pl.concat([one.select(_ID, "start", "end", "text", "confidence") for one in found])
    return _trimmed(spans.unique([_ID, "start"], maintain_order=True)).sort(_ID, "start")


def _surest(
    known: pl.DataFrame, score: pl.Expr, most: int, telling: pl.Expr | float = 0.0
) -> pl.DataFrame:
    ranked = known.with_columns(
        score.alias("score"),
        (score + telling).rank("ordinal", descending=True).over(_ID).alias("rank"),
    )
    return ranked.filter(
        (pl.col("rank") == 1) | ((pl.col("rank") <= most) & (pl.col("score") >= _LEAST))
    )


def _apart(known: pl.DataFrame) -> pl.DataFrame:
    of_one = known.filter(pl.col("about").is_in(["first", "second"]) & ~pl.col("asks"))
    leads = pl.col("leads_first") | pl.col("leads_second")
    named = of_one.sort(~leads, ~pl.col("one"), maintain_order=True)
    firsts = named.unique([_ID, "about", "heading"], keep="first", maintain_order=True)
    others = known.join(firsts.select(_ID), on=_ID, how="anti").sort(
        ~pl.col("clarifies"), pl.col("asks") | pl.col("short"), maintain_order=True
    )
    return pl.concat([firsts, others.unique(_ID, keep="first", maintain_order=True)])


def _trimmed(spans: pl.DataFrame) -> pl.DataFrame:
    begun = pl.col("text").str.strip_chars_start()
    indent = pl.col("text").str.len_chars().cast(pl.Int64) - begun.str.len_chars()
    text = begun.str.strip_chars_end().str.head(_LONGEST)
    return spans.with_columns(pl.col("start") + indent, text.alias("text")).with_columns(
        (pl.col("start") + pl.col("text").str.len_chars()).alias("end")
    )
