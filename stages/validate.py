"""Stage ``validate``: how often the heuristics are right on labelled texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from stages.columns import frame
from stages.errors import run
from stages.files import write_json
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score
from stages.plans.score import ScorePlan
from stages.tables import RESPONSES

LABELS = Path("data/labels")
STANCES = ("separate", "implicit_separate", "connect", "mixed")
CONNECTS = frozenset({"connect", "mixed"})
RESAMPLES, SEED = 2_000, 1

Floats: TypeAlias = npt.NDArray[np.float64]
Measure: TypeAlias = Callable[[Floats], Floats]

_INTERVALS = (
    f"Intervals: 95 %, bootstrap over topic pairs ({RESAMPLES:,} resamples). A text without a "
    "verdict counts as wrong."
)
_RULES = (
    "Rules written by hand. Measured on labelled answers that weren't read while the rules were "
    f"written; what ends in :seen, on those that were. {_INTERVALS}"
)
_THRESHOLD = (
    "Cosine of the topics against the threshold of params.yaml, whose default was chosen on these "
    f"very pairs. {_INTERVALS}"
)


def main(_argv: list[str]) -> None:
    """Measure on ``data/labels/*.jsonl``, write ``data/validation.json``."""
    settings = ScorePlan.read(Path("data/plan/score.json"))
    answers, pairs = (
        pl.read_ndjson(LABELS / f"{name}.jsonl", infer_schema_length=None)
        for name in ("two_topic", "topic_pairs")
    )
    found = validate(answers, pairs, settings)
    write_json(Path("data/validation.json"), found)
    for heuristic, result in found.items():
        figure = result["measures"]["balanced_accuracy"]
        print(
            f"validate: {heuristic}: balanced accuracy {figure['value']} "
            f"({figure['low']} to {figure['high']}, n = {figure['n']})"
        )


def validate(answers: pl.DataFrame, pairs: pl.DataFrame, settings: ScorePlan) -> dict[str, Any]:
    """Every measured heuristic with its figures, in the shape of ``data/validation.json``.

    ``answers`` are labelled answers (``id, topics, truth, answer, stance, connections, seen``),
    ``pairs`` labelled topics (``id, topics, truth``), to which those of the answers come. The
    balanced accuracy of ``stance`` is that of connect or mixed against the two others; that of
    ``connections``, of some against none.
    """
    given = _verdicts(answers, settings)
    unseen = answers["seen"].not_()
    measures: dict[str, dict[str, Any]] = {"stance": {}, "connections": {}, "forced_connection": {}}
    for chosen, ending in ((unseen, ""), (~unseen, ":seen")):
        for heuristic, figures in _on_answers(answers.filter(chosen), given.filter(chosen)).items():
            measures[heuristic] |= {f"{name}{ending}": one for name, one in figures.items()}
    results = {
        heuristic: {"n": int(unseen.sum()), "method": _RULES, "measures": figures}
        for heuristic, figures in measures.items()
    }
    asked = pl.concat([one.select("id", "topics", "truth") for one in (pairs, answers)])
    related = _related(asked, settings)
    results["topics_related"] = {"n": asked.height, "method": _THRESHOLD, "measures": related}
    return results


def _on_answers(truth: pl.DataFrame, given: pl.DataFrame) -> dict[str, dict[str, Any]]:
    groups = _groups(truth)
    stances = truth["stance"].to_list(), given["stance"].to_list()
    connects = [[None if one is None else one in CONNECTS for one in each] for each in stances]
    unrelated = (truth["truth"] == "unrelated").to_list()
    forced = [both and one for both, one in zip(unrelated, connects[0], strict=True)]
    some = (truth["connections"] > 0).to_list(), (given["connections"] > 0).to_list()
    of_classes = {f"recall:{name}": _recall(i) for i, name in enumerate(STANCES)}
    return {
        "stance": measure(
            (False, True), connects[0], connects[1], groups, {"balanced_accuracy": balanced}
        )
        | measure(STANCES, *stances, groups, {"macro_f1": macro_f1} | of_classes),
        "connections": measure((False, True), *some, groups, {"balanced_accuracy": balanced}),
        "forced_connection": measure(
            (False, True),
            forced,
            given["forced_connection"].to_list(),
            groups,
            {"balanced_accuracy": balanced, "recall:forced": _recall(1)},
        ),
    }


def _related(pairs: pl.DataFrame, settings: ScorePlan) -> dict[str, Any]:
    given = _verdicts(pairs, settings)
    truth = (pairs["truth"] == "related").to_list()
    figures = measure(
        (False, True),
        truth,
        given["topics_related"].to_list(),
        _groups(pairs),
        {
            "balanced_accuracy": balanced,
            "recall:related": _recall(1),
            "recall:unrelated": _recall(0),
        },
    )
    figures["auc"] = {
        "value": round(auc(truth, given["topic_similarity"]), 3),
        "low": None,
        "high": None,
        "n": pairs.height,
    }
    return figures


def _verdicts(labelled: pl.DataFrame, settings: ScorePlan) -> pl.DataFrame:
    """Scores of labelled rows, in their order."""
    rows = [
        {"response_id": row["id"], "answer": row.get("answer"), "status": "ok"}
        for row in labelled.to_dicts()
    ]
    facts = labelled.select(
        "topics",
        "truth",
        pl.lit(None, pl.List(pl.String)).alias("reference"),
        pl.lit(None, pl.String).alias("pair"),
    )
    wanted = [one for one in discover() if one.name in _MEASURED]
    return score(frame(rows, RESPONSES).hstack(facts), settings, wanted).values


_MEASURED = frozenset({"stance", "forced_connection", "topic_similarity"})


def _groups(labelled: pl.DataFrame) -> Sequence[str]:
    return labelled["topics"].list.sort().list.join(" | ").to_list()


def measure(
    classes: Sequence[Any],
    truth: Sequence[Any],
    given: Sequence[Any],
    groups: Sequence[str],
    measures: Mapping[str, Measure],
) -> dict[str, Any]:
    """Figures with intervals; ``given`` may hold null, which is always wrong.

    A figure's ``n`` is the number of texts, of a recall those of its class. Resamples that lack a
    class have no value and are left out.
    """
    place = {one: index for index, one in enumerate(classes)}
    names = {group: number for number, group in enumerate(sorted(set(groups)))}
    counts = np.zeros((len(names), len(classes), len(classes) + 1))
    for group, true, said in zip(groups, truth, given, strict=True):
        column = len(classes) if said is None else place[said]
        counts[names[group], place[true], column] += 1
    whole = counts.sum(axis=0)
    drawn = np.random.default_rng(SEED).multinomial(
        len(names), [1 / len(names)] * len(names), size=RESAMPLES
    )
    resampled = np.tensordot(drawn.astype(np.float64), counts, axes=1)
    figures = {}
    for name, function in measures.items():
        low, high = np.nanpercentile(function(resampled), [2.5, 97.5])
        _, _, of_class = name.partition("recall:")
        n = sum(true == of_class for true in truth) if of_class in place else len(truth)
        figures[name] = {
            "value": round(float(function(whole)), 3),
            "low": round(float(low), 3),
            "high": round(float(high), 3),
            "n": n,
        }
    return figures


def _recalls(counts: Floats) -> Floats:
    """Recall of each class from counts of shape (…, true, given); NaN for a class without texts."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(right / counts.sum(axis=-1))


def balanced(counts: Floats) -> Floats:
    """Mean recall of the classes."""
    return np.asarray(_recalls(counts).mean(axis=-1))


def auc(truth: Sequence[bool], similarity: pl.Series) -> float:
    """How often a true case lies above a false one; ties count half."""
    ranks = similarity.rank("average").filter(pl.Series(truth))
    true, false = ranks.len(), len(truth) - ranks.len()
    return (float(ranks.sum()) - true * (true + 1) / 2) / (true * false)


def _recall(index: int) -> Measure:
    return lambda counts: _recalls(counts)[..., index]


def macro_f1(counts: Floats) -> Floats:
    """Mean of the classes' F1; a class that never occurs counts 0, as scikit-learn has it."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    both = counts.sum(axis=-1) + counts[..., :-1].sum(axis=-2)
    return np.asarray(np.divide(2 * right, both, out=np.zeros_like(both), where=both > 0).mean(-1))


if __name__ == "__main__":
    run(main)
