"""What is left of the judgement of single sentences where no listed phrase says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from stages.heuristics.stance_judge import patterns, saying
from stages.heuristics.stance_model import models
from stages.heuristics.stance_near import examples, looked_at, near
from stages.heuristics.stance_read import Known, Text, read_texts, with_readings
from stages.heuristics.stance_sentences import marked_sentences
from stages.heuristics.stance_texts import SAYS
from stages.validating.figures import balanced, measure, recall
from stages.validating.stance_composed import TOPICS

PARAPHRASES = Path("data/labels/stance_paraphrases.jsonl")


def measured(known: Known) -> dict[str, Any]:
    """Figures of the committed model of sentences on paraphrases of every family of phrases.

    ``balanced_accuracy`` over what a sentence can say, five classes, and the recall of each. A
    family is drawn whole: its sentences are alike. ``known`` has kept readings.
    """
    model = models()["sentence"]
    labels = _labels()
    sentences, topics = _sentences(labels)
    read = with_readings(sentences, topics, known)
    said = saying(pl.concat(near(read, topics, examples(model.features))), model)
    best = said.select(pl.col(SAYS)).to_numpy().argmax(axis=1)
    told = said.select("response_id").join(
        labels, on="response_id", how="left", maintain_order="left"
    )
    return measure(
        SAYS,
        told["says"].to_list(),
        [SAYS[place] for place in best],
        told["family"].fill_null("nothing").to_list(),
        {"balanced_accuracy": balanced}
        | {f"recall:{one}": recall(place) for place, one in enumerate(SAYS)},
    )


def read_of() -> list[Text]:
    """What the reader is given of the paraphrases, each by itself."""
    return [one for _, one in read_texts(*_sentences(_labels()))]


def _labels() -> pl.DataFrame:
    labels = pl.read_ndjson(PARAPHRASES, infer_schema_length=None)
    return labels.with_row_index("n").with_columns(pl.format("{}", "n").alias("response_id"))


def _sentences(labels: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The first sentence of each text, about one of ``TOPICS`` after another, and those topics."""
    rows = []
    for place, (name, text) in enumerate(labels.select("response_id", "text").iter_rows()):
        topics = TOPICS[place % len(TOPICS)]
        said = text.replace("{A}", topics[0]).replace("{B}", topics[1])
        rows.append({"response_id": name, "text": said, "topics": list(topics)})
    frame = pl.DataFrame(rows)
    named = frame.join(patterns(frame), on="topics", how="left", maintain_order="left")
    found = looked_at(marked_sentences(named, "text"))
    first = found.unique("response_id", keep="first", maintain_order=True)
    return first, frame.select("response_id", "topics")
