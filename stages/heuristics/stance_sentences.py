"""The sentences of a text about two topics, each with the features that tell what it says."""

from __future__ import annotations

import polars as pl

from stages.heuristics.sentences import sentences
from stages.heuristics.stance_denials import CONTRASTS, DENIALS
from stages.heuristics.stance_frames import CONCESSIONS, HEDGES, PLAIN
from stages.heuristics.stance_links import LINKS
from stages.heuristics.stance_mask import masked
from stages.heuristics.stance_words import PAIR, SURE_PAIR, any_of

CUES = DENIALS | CONTRASTS | LINKS | HEDGES | CONCESSIONS | PLAIN
PLACES = (
    "both",
    "one",
    "listed",
    "told_together",
    "of_two",
    "local",
    "at_end",
    "opens",
    "closes",
    "heading",
    "item",
    "table",
    "short",
    "any_denial",
    "any_link",
    "denial_of_two",
    "link_of_two",
    "plain_link",
    "denial_at_end",
    "negated_bond",
    "conceded_denial",
    "after_conceded",
    "after_denied",
    "under_links",
)
FEATURES = (*CUES, *PLACES)
"""Every feature of a sentence: whether a family of phrases occurs, and where and of what it is."""

_NAMES = {"first": any_of(r"\bA\b"), "second": any_of(r"\bB\b")}
_LISTED = any_of(
    r"\bA\W+(?:and|or|&|vs\.?|versus|with|to)? ?(?:the |a )?\bB\b",
    r"\bB\W+(?:and|or|&) (?:the |a )?\bA\b",
)
_LEAD = 40  # characters in which a sentence says what it is about
_SHORT = 4
_END = 2  # what an answer says of the question itself, it says first or last


def marked_sentences(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """The sentences of a column of texts with the features ``FEATURES``, each a boolean.

    ``frame`` has ``response_id``, the column ``text``, and ``first`` and ``second``, a pattern for
    each topic. To the columns of ``sentences`` come ``masked``, the features, and

    - ``names_first``, ``names_second``: it names that topic; ``leads_first``, ``leads_second``: in
      its first 40 characters;
    - ``of_line``: the topics that its line names (first, second, both, none); ``about``: the same,
      and where the line names none, of the heading above it;
    - ``place``: its number in the text, from 0; ``whole``: how many there are.

    Of a sentence ``both``, ``one``: it names both topics, or one; ``listed``: side by side as the
    question does; ``told_together``: otherwise than that; ``of_two``: it speaks of the two;
    ``local``: its line is about one; ``at_end``: it names none near the start or the end.
    """
    found = sentences(frame, text).join(
        frame.select("response_id", "first", "second"),
        on="response_id",
        how="left",
        maintain_order="left",
    )
    return _judged(_placed(_cued(masked(found)))).drop("first", "second")


def _cued(found: pl.DataFrame) -> pl.DataFrame:
    said = pl.col("masked")
    lead = said.str.head(_LEAD)
    return found.with_columns(
        *(said.str.contains(pattern).alias(name) for name, pattern in CUES.items()),
        *(said.str.contains(name).alias(f"names_{which}") for which, name in _NAMES.items()),
        *(lead.str.contains(name).alias(f"leads_{which}") for which, name in _NAMES.items()),
        said.str.contains(any_of(rf"\b{PAIR}\b")).alias("pair"),
        said.str.contains(any_of(rf"\b{SURE_PAIR}\b")).alias("sure_pair"),
        said.str.contains(_LISTED).alias("listed"),
        (said.str.count_matches(r"[a-z]{2,}") <= _SHORT).alias("short"),
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
    about = pl.when(pl.col("of_line") == "none").then(section).otherwise(pl.col("of_line"))
    return found.with_columns(
        of_line.alias("of_line"),
        pl.int_range(pl.len()).over("response_id").alias("place"),
        pl.len().over("response_id").cast(pl.Int64).alias("whole"),
    ).with_columns(about.alias("about"))


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    first, second = pl.col("names_first"), pl.col("names_second")
    both, one, negates = first & second, first ^ second, pl.col("negates")
    local = pl.col("about").is_in(["first", "second"])
    end = (pl.col("place") < _END) | (pl.col("place") >= pl.col("whole") - _END)
    of_two = both | pl.col("sure_pair") | (pl.col("pair") & ~one & ~local)
    # "Without the first there would be no second" denies nothing.
    denies, links = _any(DENIALS) & ~pl.col("without"), _any(LINKS)
    table = pl.col("kind") == "table"
    return found.with_columns(
        both.alias("both"),
        one.alias("one"),
        (both & ~pl.col("listed") & ~negates & ~pl.col("asks") & ~table).alias("told_together"),
        local.alias("local"),
        of_two.alias("of_two"),
        (~one & ~of_two & ~local & end).alias("at_end"),
        denies.alias("any_denial"),
        links.alias("any_link"),
        (denies & of_two).alias("denial_of_two"),
        (links & of_two).alias("link_of_two"),
        (links & of_two & ~denies & ~negates).alias("plain_link"),
        (denies & ~one & ~of_two & end).alias("denial_at_end"),
        (negates & pl.col("claims_bond")).alias("negated_bond"),
        (denies & _any(CONCESSIONS)).alias("conceded_denial"),
        _before(CONCESSIONS).alias("after_conceded"),
        _before(DENIALS).alias("after_denied"),
        _under_links().alias("under_links"),
        (pl.col("place") == 0).alias("opens"),
        (pl.col("place") == pl.col("whole") - 1).alias("closes"),
        *((pl.col("kind") == kind).alias(kind) for kind in ("heading", "item", "table")),
    )


def _under_links() -> pl.Expr:
    """Whether the last heading, or line that ends in a colon, before a sentence announces links."""
    leads = (pl.col("kind") == "heading") | pl.col("text").str.contains(r":\W*$")
    announces = pl.any_horizontal("announces", "offers_some", "could_draw") & ~pl.col("negates")
    of_lead = pl.when(leads).then(announces & ~pl.col("asks"))
    before = of_lead.shift(1).forward_fill().over("response_id")
    return before.fill_null(False) & ~leads


def _any(cues: dict[str, str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(list(cues)))


def _before(cues: dict[str, str]) -> pl.Expr:
    return _any(cues).shift(1).over("response_id").fill_null(False)
