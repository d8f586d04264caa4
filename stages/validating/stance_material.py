"""The labelled texts that the models of ``stance`` are made from and measured on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from stages.heuristics.stance_judge import patterns
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_near import LIKE, looked_at, near
from stages.heuristics.stance_read import Known, Text, read_texts, with_readings
from stages.heuristics.stance_sentences import marked_sentences
from stages.validating.stance_composed import composed
from stages.validating.stance_examples import chosen

LABELS = Path("data/labels/two_topic.jsonl")
SENTENCES = Path("data/labels/stance_sentences.jsonl")
PARTS = 5


class Material(NamedTuple):
    """Labelled texts, ready to learn from.

    ``texts``: ``response_id``, ``text``, ``topics``, ``stance``, ``connections``, ``topic_pair``,
    ``truth``, ``author``, ``style``, ``seen``, ``evidence``, ``thinking`` (whether it is one),
    ``composed`` (see ``stance_composed``) and its ``part`` of the split. ``sentences``: those of
    ``near`` with ``says`` (null where it isn't known), ``topic_pair`` and ``composed``. ``leans``:
    the features of ``stance_lean``, which depend on no model. ``examples``: names of the features
    that say how near a sentence is to an example.
    """

    texts: pl.DataFrame
    sentences: pl.DataFrame
    leans: pl.DataFrame
    examples: list[str]

    def where(self, chosen: pl.Expr) -> Material:
        """Only the texts for which ``chosen``, an expression over ``texts``, holds.

        Composed texts stay: they are never measured on.
        """
        kept = self.texts.filter(chosen | pl.col("composed"))
        return Material(
            kept,
            self.sentences.join(kept.select("response_id"), on="response_id", how="semi"),
            self.leans,
            self.examples,
        )


def material(labels: pl.DataFrame, phrases: pl.DataFrame, known: Known) -> Material:
    """The labelled answers and thinkings with the features of their sentences.

    ``known`` has kept readings (``with_readings``).
    """
    texts = _texts(labels, phrases)
    topics = texts.select("response_id", "topics")
    likes = chosen(phrases)
    found = pl.concat(near(with_readings(_seen(texts), topics, known), topics, likes)).join(
        texts.select("response_id", "topic_pair", "composed"),
        on="response_id",
        how="left",
        maintain_order="left",
    )
    return Material(
        texts,
        found.with_columns(_says(found, texts)),
        leaning(found),
        [LIKE + one for one in likes],
    )


def read_of(labels: pl.DataFrame, phrases: pl.DataFrame) -> list[Text]:
    """What the reader is given of the labelled texts."""
    texts = _texts(labels, phrases)
    return [one for _, one in read_texts(_seen(texts), texts.select("response_id", "topics"))]


def _seen(texts: pl.DataFrame) -> pl.DataFrame:
    named = texts.join(patterns(texts), on="topics", how="left", maintain_order="left")
    named = named.filter(pl.col("first").is_not_null())  # the others have no verdict
    return looked_at(marked_sentences(named, "text"))


def _texts(labels: pl.DataFrame, phrases: pl.DataFrame) -> pl.DataFrame:
    """The column ``texts`` of ``Material``."""
    rows = []
    for row in labels.to_dicts():
        same = {
            "topics": row["topics"],
            "topic_pair": " | ".join(sorted(row["topics"])),
            "author": row["author"],
            "style": row["style"],
            "seen": row["seen"],
            "truth": row["truth"],
        }
        rows.append(
            same
            | {
                "response_id": row["id"],
                "text": row["answer"],
                "stance": row["stance"],
                "connections": row["connections"],
                "thinking": False,
                "evidence": row["evidence"],
            }
        )
        if row["thinking"] and row["thinking_stance"]:
            rows.append(
                same
                | {
                    "response_id": f"{row['id']} thinking",
                    "text": row["thinking"],
                    "stance": row["thinking_stance"],
                    "connections": None,
                    "thinking": True,
                    "evidence": row["thinking_evidence"],
                }
            )
    rows += [
        one
        | {
            "response_id": f"composed {place}",
            "topic_pair": f"composed {one['part']}",
            "thinking": False,
        }
        for place, one in enumerate(composed(phrases.to_dicts()))
    ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("part").is_not_null().alias("composed")
    )


def _says(sentences: pl.DataFrame, texts: pl.DataFrame) -> pl.Series:
    """What each sentence says by the marked spans; null where nothing is known.

    A sentence that no span touches says nothing, if the whole text claims no link. In a text that
    claims some, or has no marked span, it may say anything.
    """
    known = {row["response_id"]: row for row in texts.to_dicts()}
    spans: dict[str, list[tuple[int, int, str]]] = {}
    for name, row in known.items():
        starts = [(row["text"].find(one["text"]), one) for one in row["evidence"]]
        spans[name] = [(start, start + len(one["text"]), one["says"]) for start, one in starts]
    found = []
    for name, start, end in sentences.select("response_id", "start", "end").iter_rows():
        row = known[name]
        says = next((says for a, b, says in spans[name] if a < end and b > start), None)
        quiet = row["stance"] in ("separate", "implicit_separate") and row["evidence"]
        found.append("nothing" if says == "apart" else says or ("nothing" if quiet else None))
    return pl.Series("says", found, dtype=pl.String)


def read_labels() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The labelled answers and the labelled sentences."""
    return (
        pl.read_ndjson(LABELS, infer_schema_length=None),
        pl.read_ndjson(SENTENCES, infer_schema_length=None),
    )


def parts(pairs: Sequence[str]) -> dict[str, int]:
    """A part of the split for each pair of topics."""
    return {pair: place % PARTS for place, pair in enumerate(sorted(set(pairs)))}
