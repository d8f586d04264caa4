"""The sentences of a text about two topics, and what each of them does with the two."""

from __future__ import annotations

import polars as pl

from stages.heuristics.cues import (
    ADVERSATIVE,
    ASKING,
    CLARIFYING,
    CONTRAST,
    DENIAL,
    DISMISSAL,
    LINK,
    OPENING_NO,
    PAIR,
    SET_ASIDE,
    SURE_PAIR,
    TURN,
    WEAK_DENIAL,
)
from stages.heuristics.sentences import sentences

_BARE = 4  # words beside the topics' own; a sentence with no more only names them
_NEAR_END = 4  # what an answer says of the question itself, it says first or last
_LEAD = r"^\W*(?:\S+\s+){0,7}\S+"


def marked_sentences(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """The sentences of a column of texts, each with flags.

    ``frame`` has ``response_id``, the column ``text``, and ``first`` and ``second``, a pattern for
    each topic. To the columns of ``sentences`` come

    - ``names_first``, ``names_second``: it names that topic; ``leads_first``, ``leads_second``: in
      its first eight words;
    - ``about``: the topic that its line, or the heading above it, is about alone (first, second);
    - ``denial``, ``weak_denial``: it keeps the two apart, and means it;
    - ``turn``: it turns from a denial to an offer of links; ``link``: it claims one;
      ``together``: it names both without a claim; ``asking``: it speaks to the reader;
      ``clarifying``: it asks what the question means.
    """
    found = sentences(frame, text).join(
        frame.select("response_id", "first", "second"),
        on="response_id",
        how="left",
        maintain_order="left",
    )
    return _judged(_placed(_matched(found))).drop("first", "second")


def _matched(found: pl.DataFrame) -> pl.DataFrame:
    said = pl.col("text")
    cues = {
        "says_pair": PAIR,
        "says_sure_pair": SURE_PAIR,
        "says_no": OPENING_NO,
        "says_denial": DENIAL,
        "says_weak": WEAK_DENIAL,
        "says_turn": TURN,
        "says_link": LINK,
        "says_contrast": CONTRAST,
        "sets_aside": SET_ASIDE,
        "dismisses": DISMISSAL,
        "asks": ASKING,
        "takes_back": ADVERSATIVE,
        "clarifying": CLARIFYING,
    }
    lead = said.str.extract(f"({_LEAD})", 1)
    return found.with_columns(
        *(said.str.contains(pattern).alias(name) for name, pattern in cues.items()),
        # The question said again ("Tides and the Moon.") tells of nothing.
        (
            said.str.count_matches(r"\p{L}{2,}").cast(pl.Int64)
            - said.str.count_matches(pl.col("first")).cast(pl.Int64)
            - said.str.count_matches(pl.col("second")).cast(pl.Int64)
        ).alias("more_words"),
        said.str.contains(pl.col("first")).alias("names_first"),
        said.str.contains(pl.col("second")).alias("names_second"),
        lead.str.contains(pl.col("first")).alias("leads_first"),
        lead.str.contains(pl.col("second")).alias("leads_second"),
    )


def _placed(found: pl.DataFrame) -> pl.DataFrame:
    line = ("response_id", "line")
    first, second = (pl.col(f"names_{which}").any().over(line) for which in ("first", "second"))
    of_line = (
        pl.when(first & ~second)
        .then(pl.lit("first"))
        .when(second & ~first)
        .then(pl.lit("second"))
        .when(first & second)
        .then(pl.lit("both"))
        .otherwise(pl.lit("none"))
    )
    heading = pl.when(pl.col("kind") == "heading").then(pl.col("of_line"))
    section = heading.forward_fill().over("response_id").fill_null("none")
    about = pl.when(pl.col("of_line") == "none").then(pl.col("section")).otherwise("of_line")
    return (
        found.with_columns(of_line.alias("of_line"))
        .with_columns(section.alias("section"))
        .with_columns(about.alias("about"))
    )


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    first, second = pl.col("names_first"), pl.col("names_second")
    both, one, pair = first & second, first ^ second, pl.col("says_pair")
    turn = (
        pl.col("says_turn") & ~pl.col("dismisses") & (~pl.col("says_denial") | pl.col("takes_back"))
    )
    asking = pl.col("asks") & ~turn
    claim = ~pl.col("says_denial") & ~asking & ~pl.col("dismisses")
    local = pl.col("about").is_in(["first", "second"])
    of_two = both | pl.col("says_sure_pair") | (pair & ~one & ~local)
    place, whole = pl.int_range(pl.len()).over("response_id"), pl.len().over("response_id")
    at_an_end = (place < _NEAR_END) | (place >= whole - _NEAR_END)
    of_question = both | pair | (~one & at_an_end)
    denial = pl.col("says_no") | (pl.col("says_denial") & of_question)
    return found.with_columns(
        (denial & ~pl.col("sets_aside")).alias("denial"),
        (pl.col("says_weak") & ~asking & ~pl.col("says_link")).alias("weak_denial"),
        turn.alias("turn"),
        asking.alias("asking"),
        (pl.col("says_link") & claim & of_two).alias("link"),
        (
            both
            & claim
            & ~pl.col("says_contrast")
            & (pl.col("kind") != "heading")
            & (pl.col("more_words") > _BARE)
        ).alias("together"),
    )
