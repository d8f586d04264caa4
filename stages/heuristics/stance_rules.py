"""From marked sentences to a verdict: the rules of ``stance``, and the sentences that decided."""

from __future__ import annotations

import polars as pl

_SUMMING_UP = r"(?i)\b(?:conclusion|summary|introduction|overview|references|further reading)\b"
_LONGEST = 1_000  # characters of evidence: a text of one endless sentence isn't copied whole


def decide(marked: pl.DataFrame) -> pl.DataFrame:
    """``response_id, stance, connections`` of each text of ``marked_sentences``.

    - ``mixed``: a sentence denies a link and means it, and then links are offered: a turn ("that
      said, …") with something after it, or two claims.
    - ``separate``: it is denied and none is offered; or, where no link is claimed, the topics are
      set one against the other ("one is …, the other …").
    - ``connect``: a link is claimed, or one sentence tells of both.
    - ``implicit_separate``: no claim, and each topic has its own heading, or its own place in the
      text, or only one is spoken of, or the answer asks which is meant.
    - Else ``connect``: the text goes to and fro between the topics.

    ``connections``, of ``connect`` and ``mixed`` alone and 0 elsewhere: the headings, else list
    items, else rows of a table, else sentences that link. An estimate; no two are checked for
    saying the same.
    """
    texts = _texts(marked)
    offers = (pl.col("turns") & (pl.col("offered") > 0)) | (pl.col("links") >= 2)
    sections = pl.col("section_first") & pl.col("section_second")
    own_place = pl.col("leads_first") & pl.col("leads_second") & (pl.col("changes") == 1)
    only_one = ~(pl.col("names_first") & pl.col("names_second"))
    asks = (pl.col("asking") > 0) & (pl.col("changes") <= 1)
    stance = (
        pl.when(pl.col("denial") & offers)
        .then(pl.lit("mixed"))
        .when(pl.col("denial"))
        .then(pl.lit("separate"))
        .when(pl.col("links") > 0)
        .then(pl.lit("connect"))
        .when(pl.col("weak_denial"))
        .then(pl.lit("separate"))
        .when(sections | pl.col("clarifying"))
        .then(pl.lit("implicit_separate"))
        .when(pl.col("together") > 0)
        .then(pl.lit("connect"))
        .when(own_place | only_one | asks)
        .then(pl.lit("implicit_separate"))
        .otherwise(pl.lit("connect"))
    )
    claimed = (
        pl.when(pl.col("headings") >= 2)
        .then(pl.col("headings"))
        .when(pl.col("items") >= 1)
        .then(pl.col("items"))
        .when(pl.col("rows") >= 3)
        .then(pl.col("rows") - 2)  # the head of the table and the line under it
        .otherwise(pl.max_horizontal("linking", 1))
    )
    connections = pl.when(pl.col("stance").is_in(["connect", "mixed"])).then(claimed).otherwise(0)
    return (
        texts.with_columns(stance.alias("stance"))
        .with_columns(connections.cast(pl.Int64).alias("connections"))
        .select("response_id", "stance", "connections")
    )


def deciding(marked: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """The sentences behind each verdict (``response_id, start, end, text``), at most two a text.

    Of a denial the first that denies; of links the first that claims or offers one; of topics that
    are merely told apart the first sentence that opens with each.
    """
    stance = pl.col("stance")
    denies = pl.col("denial") | pl.col("weak_denial")
    links = pl.col("link") | pl.col("together") | (pl.col("turn") & ~pl.col("denial"))
    judged = marked.join(verdicts, on="response_id", how="left", maintain_order="left")
    found = [
        judged.filter(stance.is_in(["separate", "mixed"]) & denies),
        judged.filter(stance.is_in(["connect", "mixed"]) & links),
        judged.filter((stance == "implicit_separate") & pl.col("leads_first")),
        judged.filter((stance == "implicit_separate") & pl.col("leads_second")),
    ]
    firsts = [rows.unique("response_id", keep="first", maintain_order=True) for rows in found]
    begun = pl.col("text").str.strip_chars_start()
    indent = pl.col("text").str.len_chars().cast(pl.Int64) - begun.str.len_chars()
    text = begun.str.strip_chars_end().str.head(_LONGEST)
    return (
        pl.concat(firsts)
        .select("response_id", pl.col("start") + indent, text.alias("text"))
        .with_columns((pl.col("start") + pl.col("text").str.len_chars()).alias("end"))
        .unique()
        .sort("response_id", "start")
    )


def _texts(marked: pl.DataFrame) -> pl.DataFrame:
    """One row a text with what its sentences do, taken together."""
    denied_before = pl.col("denial").cum_max().over("response_id")
    turned = (pl.col("turn") & denied_before).cum_max().over("response_id")
    speaks = ~pl.col("asking") & ~pl.col("denial") & ~pl.col("dismisses")
    heading = pl.col("kind") == "heading"
    lines = {
        "headings": heading & ~pl.col("text").str.contains(_SUMMING_UP) & (pl.col("line") > 0),
        "items": pl.col("kind") == "item",
        "rows": pl.col("kind") == "table",
    }
    told = _only_named().filter(~pl.col("asking") & ~pl.col("denial"))
    return (
        marked.with_columns((turned & speaks).alias("offers"), turned.alias("turned"))
        .group_by("response_id", maintain_order=True)
        .agg(
            pl.col("denial", "weak_denial", "clarifying", "leads_first", "leads_second").any(),
            pl.col("names_first", "names_second").any(),
            pl.col("together", "asking").sum(),
            pl.col("link").sum().alias("links"),
            (pl.col("link") | pl.col("together")).sum().cast(pl.Int64).alias("linking"),
            pl.col("turned").any().alias("turns"),
            pl.col("offers").sum().alias("offered"),
            (heading & (pl.col("of_line") == "first")).any().alias("section_first"),
            (heading & (pl.col("of_line") == "second")).any().alias("section_second"),
            told.drop_nulls().rle_id().max().fill_null(0).alias("changes"),
            *(
                pl.col("line").filter(chosen).n_unique().cast(pl.Int64).alias(name)
                for name, chosen in lines.items()
            ),
        )
    )


def _only_named() -> pl.Expr:
    """The one topic that a sentence names; null if it names none or both."""
    first, second = pl.col("names_first"), pl.col("names_second")
    return (
        pl.when(first & ~second).then(pl.lit("first")).when(second & ~first).then(pl.lit("second"))
    )
