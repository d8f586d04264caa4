"""Verdicts about labelled two-topic texts by models that weren't made from them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import polars as pl

from stages.heuristics.stance_evidence import deciding
from stages.heuristics.stance_judge import saying, verdicts, whole_texts
from stages.heuristics.stance_model import Linear
from stages.validating.stance_material import PARTS, Material, parts
from stages.validating.stance_training import train

_ID = "response_id"
_AT_ONCE = 8  # trainings, each of which takes some 100 MB


def by_pair(found: Material) -> pl.DataFrame:
    """Each text judged by models that haven't seen its pair of topics (``PARTS`` parts)."""
    part = parts(found.texts.filter(~pl.col("composed"))["topic_pair"].to_list())
    pairs = [[pair for pair, place in part.items() if place == one] for one in range(PARTS)]
    return _without_each(found, [pl.col("topic_pair").is_in(own) for own in pairs])


def by_author(found: Material) -> pl.DataFrame:
    """Each text judged by models that haven't seen its author."""
    authors = found.texts["author"].drop_nulls().unique().sort().to_list()
    return _without_each(found, [pl.col("author") == one for one in authors])


def judged(found: Material, models: dict[str, Linear]) -> pl.DataFrame:
    """The texts of ``found`` with what the models say.

    To the columns of ``Material.texts`` come ``given`` (the stance), ``confidence``, ``links`` and
    ``overlaps``: whether any sentence given as evidence touches a marked span (null without one).
    Composed texts, and texts without a sentence, are left out.
    """
    rows = []
    for thinking, name in ((False, "answer"), (True, "thinking")):
        texts = found.texts.filter(~pl.col("composed"), pl.col("thinking") == thinking)
        sentences = found.sentences.join(texts.select(_ID), on=_ID, how="semi")
        said = saying(sentences, models["sentence"])
        whole = whole_texts(said, found.leans)
        given = verdicts(said, whole, models[name])
        spans = deciding(said, given)
        rows.append(
            given.rename({"stance": "given", "connections": "links"})
            .join(texts, on=_ID, how="left", maintain_order="left")
            .with_columns(_overlaps(given[_ID], texts, spans))
        )
    return pl.concat(rows)


def _without_each(found: Material, chosen: Sequence[pl.Expr]) -> pl.DataFrame:
    """What is chosen, each judged by models that haven't seen it, as many at once as cores.

    One training makes little use of a second core; several do.
    """
    with ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1)) as pool:
        return pl.concat(pool.map(partial(_without, found), chosen))


def _without(found: Material, chosen: pl.Expr) -> pl.DataFrame:
    models = train(found.where(~chosen))
    return judged(found.where(chosen), models)


def _overlaps(order: pl.Series, texts: pl.DataFrame, spans: pl.DataFrame) -> pl.Series:
    given: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in spans.select(_ID, "start", "end").iter_rows():
        given.setdefault(name, []).append((start, end))
    marked = {}
    for row in texts.to_dicts():
        starts = [(row["text"].find(one["text"]), len(one["text"])) for one in row["evidence"]]
        marked[row[_ID]] = [(start, start + size) for start, size in starts]
    return pl.Series(
        "overlaps",
        [
            any(a < end and start < b for a, b in given.get(one, ()) for start, end in marked[one])
            if marked[one]
            else None
            for one in order.to_list()
        ],
        dtype=pl.Boolean,
    )
