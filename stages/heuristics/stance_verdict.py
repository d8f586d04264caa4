"""What ``stance`` and ``thinking_stance`` share: judging a column, with evidence and reasons."""

from __future__ import annotations

import polars as pl

from stages.heuristics.base import Result, because, evidence, reasons
from stages.heuristics.language import is_brief_english, is_english
from stages.heuristics.stance_evidence import deciding
from stages.heuristics.stance_judge import judged, patterns

CLEAR = 0.6  # probability from which a single sentence counts as a denial
_TYPES = {"connections": pl.Int64, "thinking_denies": pl.Boolean}


def verdict(frame: pl.DataFrame, text: str, columns: tuple[str, ...]) -> Result:
    """Values of ``columns`` for the column ``text`` of ``frame``, and notes.

    The first of ``columns`` is the stance; the others are named for what ``judged`` gives
    (``connections``) or for ``thinking_denies``: whether any sentence denies a link clearly.
    ``frame`` has ``response_id``, ``topics`` and ``text`` (``answer`` or ``thinking``).
    """
    asked = frame.join(patterns(frame), on="topics", how="left", maintain_order="left")
    # Most responses have no topics: what their text is like need not be known.
    wanted = pl.when(pl.col("topics").is_not_null()).then(pl.col(text))
    said = wanted.str.contains(r"\S")
    english = is_english(wanted) | is_brief_english(wanted)
    asked = asked.with_columns(said.alias("said"), english.alias("english"))
    to_judge = asked.filter("said", "english", pl.col("first").is_not_null())
    if to_judge.is_empty():
        types = {name: _TYPES.get(name, pl.String) for name in columns}
        none = pl.DataFrame(schema=types).clear(asked.height)  # so many rows of nulls
        return Result(none, _reasons(asked, none, text))
    found = judged(to_judge, text, text)
    denies = found.sentences.group_by("response_id").agg(
        (pl.col("denial").max() >= CLEAR).alias("thinking_denies")
    )
    given = found.verdicts.join(denies, on="response_id", how="left", maintain_order="left")
    values = asked.join(given, on="response_id", how="left", maintain_order="left").select(
        pl.col("stance").alias(columns[0]), *columns[1:]
    )
    spans = deciding(found.sentences, found.verdicts)
    notes = evidence(spans, columns[0], text).with_columns(spans["confidence"])
    return Result(values, pl.concat([_reasons(asked, values, text), notes]))


def _reasons(asked: pl.DataFrame, values: pl.DataFrame, text: str) -> pl.DataFrame:
    """Notes that say why there is no verdict, for each column of ``values``."""
    why = because(
        (pl.col("topics").is_null(), "the prompt doesn't name two topics"),
        (pl.col(text).is_null(), _ABSENT[text]),
        (~pl.col("said"), f"the {text} is empty"),
        (~pl.col("english"), f"the {text} isn't in English, the only language of the rules"),
        (pl.col("first").is_null(), "a topic has no word that the other hasn't got"),
        (pl.lit(values.to_series(0)).is_null(), f"the {text} holds nothing but code"),
    )
    return pl.concat([reasons(asked, name, why) for name in values.columns])


_ABSENT = {"answer": "there is no answer", "thinking": "there is no thinking"}
