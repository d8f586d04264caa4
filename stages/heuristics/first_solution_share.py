"""How early the thinking first says the right answer."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, evidence, reasons
from stages.heuristics.mentions import number_mentions, reference_values, text_pattern
from stages.plans.score import ScorePlan

NAME = "first_solution_share"
_EXACT = 1e-12
_LEAST_DECIMALS = 2


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Thinking through the end of the first mention of the reference ÷ all thinking.

    Measured in bytes of text, which stand in for tokens: where in a thought a token lies isn't
    known for every engine. A mention of a number must be claimed (``number_mentions``) and is
    compared as a number: 1,234 is 1234, .5 is 0.50 and 1/2; of an endless decimal two places are
    enough. Other texts: see ``text_pattern``. A guess that is thrown away later counts, as in
    outcome efficiency; so does a premise that happens to claim the very number. The evidence is
    the mention with what claims it; its offsets are in characters.
    """
    thinking = pl.col("thinking")
    numbered = frame.with_row_index("row").join(
        _references(frame), on="reference", how="left", maintain_order="left"
    )
    found = numbered.join(_first(numbered), on="row", how="left", maintain_order="left")
    values = found.select((pl.col("to") / thinking.str.len_bytes()).cast(pl.Float64).alias(NAME))
    why = because(
        (thinking.is_null() | (thinking == ""), "there is no thinking"),
        (
            (pl.col("values").list.len().fill_null(0) == 0) & pl.col("pattern").is_null(),
            "the prompt has no reference to look for",
        ),
        (pl.col("from").is_null(), "the thinking never says the reference"),
    )
    return Result(values, pl.concat([reasons(found, NAME, why), _evidence(found)]))


def _references(frame: pl.DataFrame) -> pl.DataFrame:
    """Each distinct reference with the numbers and the texts to look for."""
    distinct = frame.select(pl.col("reference").drop_nulls().unique())
    given = distinct["reference"].to_list()
    return distinct.with_columns(
        pl.Series("values", [reference_values(one) for one in given], pl.List(pl.Float64)),
        pl.Series("pattern", [text_pattern(one) for one in given], pl.String),
    )


def _first(numbered: pl.DataFrame) -> pl.DataFrame:
    """The first mention in each row: ``row, from, to`` (bytes) and ``text``."""
    both = pl.concat([_numbers(numbered), _texts(numbered)])
    return both.sort("row", "to").unique("row", keep="first")


def _numbers(numbered: pl.DataFrame) -> pl.DataFrame:
    wanted = numbered.filter(pl.col("values").list.len() > 0)
    mentions = number_mentions(wanted.select("row", pl.col("thinking").alias("text")))
    said, value = pl.col("value"), pl.col("values")
    rounded = pl.when(pl.col("decimals") >= _LEAST_DECIMALS).then(0.5 / 10.0 ** pl.col("decimals"))
    off = (said - value).abs()
    return (
        wanted.select("row", "values")
        .explode("values")
        .join(mentions, on="row")
        .filter((off <= _EXACT * value.abs()) | (_endless(value) & (off <= rounded)))
        .select("row", "from", "to", "text")
    )


def _endless(value: pl.Expr) -> pl.Expr:
    """Whether six places don't show all of a number."""
    return (value * 1e6 - (value * 1e6).round()).abs() > 1e-4


def _texts(numbered: pl.DataFrame) -> pl.DataFrame:
    thinking, pattern = pl.col("thinking"), pl.col("pattern")
    start = pl.col("from").cast(pl.Int64)
    return (
        numbered.filter(pattern.is_not_null())
        .select("row", thinking.str.find(pattern).alias("from"), thinking.str.extract(pattern, 0))
        .drop_nulls("from")
        .select(
            "row",
            start,
            (start + pl.col("thinking").str.len_bytes()).alias("to"),
            pl.col("thinking").alias("text"),
        )
    )


def _evidence(found: pl.DataFrame) -> pl.DataFrame:
    before = pl.col("thinking").cast(pl.Binary).bin.head(pl.col("from")).cast(pl.String)
    spans = (
        found.drop_nulls("from")
        .with_columns(before.str.len_chars().alias("start"))
        .with_columns((pl.col("start") + pl.col("text").str.len_chars()).alias("end"))
    )
    return evidence(spans, NAME, "thinking")


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Float64,
            "fraction",
            "Thinking through the first mention of the reference ÷ all; null if never mentioned.",
        ),
    ),
    needs=("thinking", "reference"),
    source="arXiv 2412.21187: outcome efficiency, tokens through the first correct solution.",
    compute=compute,
)
