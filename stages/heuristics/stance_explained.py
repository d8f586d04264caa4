"""Why a text was judged as it was: features, their weights, and the sentences that decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from stages.heuristics.stance_evidence import deciding
from stages.heuristics.stance_judge import featured, saying, verdicts, whole_texts
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_model import Linear, models
from stages.heuristics.stance_near import LIKE
from stages.heuristics.stance_read import FEATURES as READ

LIKES, READS = "nearness to examples", "the reader"
"""Under these names the features of ``stance_near`` and ``stance_read`` are put together."""


class Part(NamedTuple):
    """A feature, its value, the weight by which it counts for ``Reasons.given``, their product.

    Value and weight are null where many features are put together.
    """

    name: str
    value: float | None
    weight: float | None
    adds: float


class Reasons(NamedTuple):
    """Why ``given`` and not ``instead``, which was the next likeliest.

    ``parts`` add up, with the model's ``bias``, to the logarithm of how many times as likely the
    one was; those that add nothing are left out, and the weightiest come first.
    """

    given: str
    probability: float
    instead: str
    bias: float
    parts: tuple[Part, ...]


class Explained(NamedTuple):
    """The reasons of a verdict, and of each sentence that decided what it was taken to say."""

    stance: Reasons
    sentences: tuple[tuple[str, Reasons], ...]


def explained(frame: pl.DataFrame, text: str) -> Explained:
    """The explanation of one text; ``frame`` is a row that ``judged`` could judge."""
    known = models()
    features = pl.concat(featured(frame, text, known["sentence"]))
    said = saying(features, known["sentence"])
    whole = whole_texts(said, leaning(said))
    spans = deciding(said, verdicts(said, whole, known[text]))
    sentences = []
    for start, end, words in spans.select("start", "end", "text").iter_rows():
        row = features.filter((pl.col("start") < end) & (pl.col("end") > start)).head(1)
        sentences.append((words, _reasons(known["sentence"], row)))
    return Explained(_reasons(known[text], whole), tuple(sentences))


def _reasons(model: Linear, row: pl.DataFrame) -> Reasons:
    chances = model.probabilities(row)[0]
    first, second = chances.argsort()[::-1][:2]
    weights = model.weights[:, first] - model.weights[:, second]
    values = row.select(pl.col(model.features).cast(pl.Float64)).row(0)
    each = [
        Part(name, value, round(float(weight), 3), value * float(weight))
        for name, value, weight in zip(model.features, values, weights, strict=True)
    ]
    kinds = {LIKES: [one for one in each if one.name.startswith(LIKE)]}
    kinds[READS] = [one for one in each if one.name in READ]
    named = [one for one in each if one.name not in READ and not one.name.startswith(LIKE)]
    parts = [*named, *(_together(name, own) for name, own in kinds.items() if own)]
    telling = sorted((one for one in parts if one.adds), key=lambda one: -abs(one.adds))
    return Reasons(
        model.classes[first],
        float(chances[first]),
        model.classes[second],
        float(model.bias[first] - model.bias[second]),
        tuple(telling),
    )


def _together(name: str, parts: Sequence[Part]) -> Part:
    return Part(name, None, None, sum(one.adds for one in parts))
