"""Sentences with their two topics masked, so that one pattern fits every pair of topics."""

from __future__ import annotations

import polars as pl

FIRST, SECOND = "A", "B"  # in lower-case text nothing else is a capital
_FIRST_MARK, _SECOND_MARK = "\x02", "\x03"
_LONGEST = 2_000  # characters of a sentence that are read
_FORMER = r"|(?i:\bthe former\b)"
_LATTER = r"|(?i:\bthe latter\b)"


def masked(found: pl.DataFrame) -> pl.DataFrame:
    """``found`` with the column ``masked``.

    ``found`` has ``text``, and in ``first`` and ``second`` a pattern for each topic. The masked
    text is in lower case, its apostrophes and quotation marks are straight, its emphasis is gone,
    and every mention of a topic is the one letter ``A`` or ``B``. Of a sentence longer than 2,000
    characters the rest is left out.
    """
    rows = found.with_row_index("row")
    parts = [
        part.with_columns(_mask(part["first"][0], part["second"][0]).alias("masked"))
        for part in rows.partition_by("first", "second", maintain_order=True)
    ]
    if not parts:
        return found.with_columns(pl.lit(None, pl.String).alias("masked"))
    return pl.concat(parts).sort("row").drop("row")


def _mask(first: str, second: str) -> pl.Expr:
    marked = pl.col("text").str.head(_LONGEST).str.replace_all(r"[\x02\x03]", " ")
    names = {first + _FORMER: _FIRST_MARK, second + _LATTER: _SECOND_MARK}
    # The longer first: the other may be a part of what it names.
    for pattern, mark in sorted(names.items(), key=lambda name: -len(name[0])):
        marked = marked.str.replace_all(pattern, mark)
    plain = (
        marked.str.to_lowercase()
        .str.replace_all(r"[’‘`´]", "'")
        .str.replace_all(r"[“”„«»]", '"')
        .str.replace_all(r"[*_]+", "")
        .str.replace_all(r"^\s*(?:#+|[-+•·–>]|\(?\d{1,3}[.)])\s+", "")
        .str.strip_chars()
    )
    for mark, name in ((_FIRST_MARK, FIRST), (_SECOND_MARK, SECOND)):
        again = rf"{mark}(?:(?:'s)?[ -]+(?:(?:of|the|in|and|for|on|a|de) ){{0,2}}{mark})+"
        plain = plain.str.replace_all(again, name).str.replace_all(mark, name, literal=True)
    return plain
