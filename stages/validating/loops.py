"""How often ``loop`` is right on labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from stages.columns import frame
from stages.heuristics.loop import HEURISTIC
from stages.plans.score import ScorePlan
from stages.tables import RESPONSES
from stages.validating.figures import RESAMPLES, Floats, balanced, measure, recall

LABELS = Path("data/labels/loops.jsonl")
_WORDS, _REPEATS = 23, 20
_METHOD = (
    f"A definition, not a guess: any run of {_WORDS} words, some 30 tokens, that occurs {_REPEATS} "
    "times or more, as arXiv 2512.12895 has it, whatever params.yaml says. Measured on loops and "
    "near-loops in several languages, which nothing was fitted to. Intervals: 95 %, "
    f"bootstrap over texts ({RESAMPLES:,} resamples)."
)


def measured(settings: ScorePlan) -> dict[str, Any]:
    """The result of ``loop`` in ``data/validation.json``."""
    labelled = pl.read_ndjson(LABELS, infer_schema_length=None)
    rows = [{"response_id": one["id"], "thinking": one["text"]} for one in labelled.to_dicts()]
    needed = frame(rows, RESPONSES).select("response_id", *HEURISTIC.needs)
    fixed = settings.model_copy(update={"loop_words": _WORDS, "loop_repeats": _REPEATS})
    given = HEURISTIC.compute(needed, fixed).values["loop"].to_list()
    classes = (False, True)
    wanted = {"balanced_accuracy": balanced, "recall": recall(1), "precision": precision}
    figures = measure(classes, labelled["loop"].to_list(), given, labelled["id"].to_list(), wanted)
    figures["recall"]["n"] = int(labelled["loop"].sum())
    figures["precision"]["n"] = given.count(True)
    return {"n": labelled.height, "method": _METHOD, "measures": figures}


def precision(counts: Floats) -> Floats:
    """Share of the texts called a loop that are one, from counts of shape (…, true, given)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(counts[..., 1, 1] / counts[..., 1].sum(axis=-1))
