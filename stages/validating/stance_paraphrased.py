"""What is left of the judgement of single sentences where no listed phrase says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from stages.heuristics.stance_judge import saying
from stages.heuristics.stance_model import models
from stages.heuristics.stance_near import examples
from stages.heuristics.stance_texts import SAYS
from stages.validating.figures import balanced, measure, recall
from stages.validating.stance_material import single_sentences

PARAPHRASES = Path("data/labels/stance_paraphrases.jsonl")


def measured() -> dict[str, Any]:
    """Figures of the committed model of sentences on paraphrases of every family of phrases.

    ``balanced_accuracy`` over what a sentence can say, five classes, and the recall of each. A
    family is drawn whole: its sentences are alike.
    """
    model = models()["sentence"]
    labels = pl.read_ndjson(PARAPHRASES, infer_schema_length=None)
    known = single_sentences(labels, examples(model.features))
    said = saying(known, model)
    best = said.select(pl.col(SAYS)).to_numpy().argmax(axis=1)
    families = labels["family"].fill_null("nothing").to_list()
    return measure(
        SAYS,
        said["says"].to_list(),
        [SAYS[place] for place in best],
        [families[place] for place in said["n"].to_list()],
        {"balanced_accuracy": balanced}
        | {f"recall:{one}": recall(place) for place, one in enumerate(SAYS)},
    )
