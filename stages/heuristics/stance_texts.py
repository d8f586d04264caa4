"""A text about two topics as one row of numbers, from what its sentences say and where."""

from __future__ import annotations

import polars as pl

SAYS = ("nothing", "denial", "link", "hedge", "concession")
"""What a sentence can say of the two: that they aren't related, that they are, that they are in
some loose way, that they only seem unrelated; or nothing about it."""

FEATURES = (
    "denial_most",
    "denial_next",
    "denial_opening",
    "denial_closing",
    "link_most",
    "link_next",
    "link_total",
    "link_opening",
    "link_closing",
    "hedge_most",
    "hedge_total",
    "hedge_closing",
    "concession_most",
    "link_after_denial",
    "links_after_denial",
    "link_before_denial",
    "link_after_concession",
    "told_together_any",
    "alternations",
    "never_alone",
    "one_change",
    "leads_each",
    "own_places",
    "heading_each",
    "names_one_only",
    "clarifies",
    "asks",
    "local_share",
    "bond_share",
    "length",
    "tiny",
    "announced",
)
_ID = "response_id"
_TINY = 2
_DOUBT = 0.2  # a sum over many sentences must not grow with their number alone


def texts(marked: pl.DataFrame) -> pl.DataFrame:
    """A row a text with ``response_id`` and ``FEATURES``, all floats.

    ``marked`` is a frame of ``marked_sentences`` with a probability for each of ``SAYS``.

    - ``…_most``, ``…_next``: the greatest probability, the second (of links the second and third
      together); ``…_opening``, ``…_closing``: of the first and the last sentence;
      ``…_total``: the logarithm of one more than their sum.
    - ``link_after_denial``: the greatest product of a link's or hedge's probability with that of
      a denial before it, ``links_after_denial`` the logarithm of one more than their sum;
      ``link_before_denial``, ``link_after_concession`` likewise.
    - ``told_together_any``: a sentence tells of both, headings, questions and denials aside;
      ``alternations``: the logarithm of how often the one topic named changes; ``never_alone``:
      no sentence names one alone; ``one_change``: it changes once; ``leads_each``: a sentence
      opens with each; ``own_places``: both of these; ``heading_each``: each has a heading;
      ``names_one_only``: only one is ever named.
    - ``clarifies``, ``asks``: it asks what is meant, or anything; ``local_share``: sentences in a
      line or section of one topic; ``bond_share``: sentences with words of a link about the two;
      ``length``: logarithm of the number of sentences; ``tiny``: two or fewer;
      ``announced``: a heading or a line that ends in a colon announces links ("What they share:").
    """
    denial, link, hedge = (pl.col(name) for name in ("denial", "link", "hedge"))
    offered = pl.when(pl.col("asks")).then(0.0).otherwise(link + hedge)
    before = denial.cum_max().shift(1).over(_ID).fill_null(0.0)
    after = denial.reverse().cum_max().reverse().shift(-1).over(_ID).fill_null(0.0)
    conceded = pl.col("concession").cum_max().shift(1).over(_ID).fill_null(0.0)
    first, second, heading = pl.col("names_first"), pl.col("names_second"), pl.col("heading")
    alone = pl.when(first & ~second).then(0).when(second & ~first).then(1)
    named = alone.filter(~pl.col("asks")).drop_nulls()
    changes = named.rle_id().max().fill_null(0)
    together = pl.col("told_together") & ~heading & ~pl.col("any_denial")
    lead_first = (pl.col("leads_first") & ~second).any()
    lead_second = (pl.col("leads_second") & ~first).any()
    announces = pl.any_horizontal("announces", "offers_some", "could_draw")
    leads_in = heading | pl.col("text").str.contains(r":\W*$")
    of_heading = [(heading & (pl.col("of_line") == one)).any() for one in ("first", "second")]
    return (
        marked.with_columns(
            (offered * before).alias("after_denial"),
            (offered * after).alias("before_denial"),
            (link * conceded).alias("after_concession"),
        )
        .group_by(_ID, maintain_order=True)
        .agg(
            denial.max().alias("denial_most"),
            (_top(denial, 2) - denial.max()).alias("denial_next"),
            denial.first().alias("denial_opening"),
            denial.last().alias("denial_closing"),
            link.max().alias("link_most"),
            (_top(link, 3) - link.max()).alias("link_next"),
            _total(link).alias("link_total"),
            link.first().alias("link_opening"),
            link.last().alias("link_closing"),
            hedge.max().alias("hedge_most"),
            _total(hedge).alias("hedge_total"),
            hedge.last().alias("hedge_closing"),
            pl.col("concession").max().alias("concession_most"),
            pl.col("after_denial").max().alias("link_after_denial"),
            _total(pl.col("after_denial")).alias("links_after_denial"),
            pl.col("before_denial").max().alias("link_before_denial"),
            pl.col("after_concession").max().alias("link_after_concession"),
            together.any().alias("told_together_any"),
            (changes + 1).log().alias("alternations"),
            (named.len() == 0).alias("never_alone"),
            (changes == 1).alias("one_change"),
            (lead_first & lead_second).alias("leads_each"),
            (lead_first & lead_second & (changes == 1)).alias("own_places"),
            (of_heading[0] & of_heading[1]).alias("heading_each"),
            (first.any() ^ second.any()).alias("names_one_only"),
            pl.col("clarifies", "asks").any(),
            pl.col("local").mean().alias("local_share"),
            (pl.col("any_link") & pl.col("of_two")).mean().alias("bond_share"),
            pl.len().log().alias("length"),
            (pl.len() <= _TINY).alias("tiny"),
            (announces & leads_in & ~pl.col("negates") & ~pl.col("asks")).any().alias("announced"),
        )
        .select(_ID, pl.col(FEATURES).cast(pl.Float64))
    )


def _total(values: pl.Expr) -> pl.Expr:
    """Logarithm of one more than the sum of what lies above mere doubt."""
    return ((values - _DOUBT).clip(lower_bound=0).sum() + 1).log()


def _top(values: pl.Expr, most: int) -> pl.Expr:
    return values.top_k(most).sum()
