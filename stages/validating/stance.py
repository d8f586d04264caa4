"""How often ``stance`` and what follows from it are right on labelled texts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from stages.errors import RunFailed
from stages.heuristics.stance_judge import CONNECTS
from stages.heuristics.stance_model import STANCES, WEIGHTS, models
from stages.validating import stance_paraphrased
from stages.validating.figures import RESAMPLES, SEED, Floats, balanced, figure, measure, recall
from stages.validating.stance_material import material, read_labels, read_of
from stages.validating.stance_predicted import by_author, by_pair, judged
from stages.validating.stance_readings import check, kept
from stages.validating.stance_training import differences, train, written

_METHOD = (
    "A linear model over named features of sentences and texts (stance_weights.json), among them "
    "what a small language model makes of each sentence (stages/reading). Figures "
    "without an ending: cross-validation split by topic pair, on the answers that were learned "
    "from or read while the families of phrases were written; :author X, by a model that has "
    "learned from the others alone; :other_author, all of these; :style X, those of a style among "
    "them; :held_out, answers by further authors that weren't read, with everything frozen before. "
    ":paraphrased, single sentences (five classes) that say what a listed family of phrases says, "
    "in words that the family hasn't got. "
    "evidence is the share of texts of which a sentence given as evidence touches a marked one. "
    f"Intervals: 95 %, bootstrap over topic pairs ({RESAMPLES:,} resamples). Empty answers have no "
    "verdict and aren't counted."
)


def measured() -> dict[str, Any]:
    """The results of ``stance``, ``thinking_stance``, ``connections``, ``forced_connection``.

    ``RunFailed`` if the committed weights don't follow from the labels.
    """
    labels, phrases = read_labels()
    readings = kept()
    check([*read_of(labels, phrases), *stance_paraphrased.read_of()], readings)
    found = material(labels, phrases, readings)
    learned = found.where(pl.col("seen"))
    # A training's threads would wait for each other: on a busy machine three times as long.
    with threadpool_limits(1):
        check_weights(written(train(learned)))
        pairs, authors = by_pair(learned), by_author(learned)
    held_out = judged(found.where(~pl.col("seen")), models())
    parts = {"": pairs, ":other_author": authors}
    parts |= {f":author {one}": rows for one, rows in _split(authors, "author").items()}
    parts |= {f":style {one}": rows for one, rows in _split(authors, "style").items()}
    if held_out.height:
        parts[":held_out"] = held_out
    results: dict[str, Any] = {}
    for ending, rows in parts.items():
        for heuristic, figures in _figures(rows, ending.startswith((":style", ":author"))).items():
            result = results.setdefault(heuristic, {"n": 0, "method": _METHOD, "measures": {}})
            result["measures"] |= {f"{name}{ending}": one for name, one in figures.items()}
    told = stance_paraphrased.measured(readings)
    results["stance"]["measures"] |= {f"{name}:paraphrased": one for name, one in told.items()}
    for result in results.values():
        result["n"] = result["measures"]["balanced_accuracy"]["n"]
    return results


def check_weights(made: dict[str, Any]) -> None:
    """``RunFailed`` if the committed weights differ from these by more than rounding does."""
    wrong = differences(made, json.loads(WEIGHTS.read_text(encoding="utf-8")))
    if wrong:
        raise RunFailed(
            f"{WEIGHTS.name} doesn't follow from data/labels: {len(wrong)} of its rows differ, "
            f"{wrong[0]} among them; run python -m stages.validating.stance_training"
        )


def _split(rows: pl.DataFrame, column: str) -> dict[str, pl.DataFrame]:
    return {one: rows.filter(pl.col(column) == one) for one in sorted(set(rows[column]))}


def _figures(rows: pl.DataFrame, short: bool) -> dict[str, Any]:
    """The figures of each heuristic; ``short``: only those that need no class of each kind."""
    answers, thinkings = (rows.filter(pl.col("thinking") == one) for one in (False, True))
    found = {"stance": _stances(answers, short)}
    if thinkings.height:
        found["thinking_stance"] = _stances(thinkings, short)
    pairs = answers["topic_pair"].to_list()
    some = [(answers[name] > 0).to_list() for name in ("connections", "links")]
    found["connections"] = measure(
        (False, True), some[0], some[1], pairs, {"balanced_accuracy": balanced}
    )
    if ranked := _rank_correlation(answers):
        found["connections"]["rank_correlation"] = ranked
    unrelated = answers["truth"] == "unrelated"
    forced = [(unrelated & answers[name].is_in(CONNECTS)).to_list() for name in ("stance", "given")]
    found["forced_connection"] = measure(
        (False, True),
        forced[0],
        forced[1],
        pairs,
        {"balanced_accuracy": balanced, "recall:forced": recall(1)},
    )
    return found


def _stances(rows: pl.DataFrame, short: bool) -> dict[str, Any]:
    pairs = rows["topic_pair"].to_list()
    connects = [rows[name].is_in(CONNECTS).to_list() for name in ("stance", "given")]
    recalls = {f"recall:{name}": recall(place) for place, name in enumerate(STANCES)}
    four = {"macro_f1": macro_f1} | ({} if short else recalls)
    marked = rows.filter(pl.col("overlaps").is_not_null())
    figures = measure(
        (False, True), connects[0], connects[1], pairs, {"balanced_accuracy": balanced}
    ) | measure(
        STANCES,
        rows["stance"].to_list(),
        rows["given"].to_list(),
        pairs,
        four,
    )
    if marked.height:
        figures |= measure(
            (True, False),
            [True] * marked.height,
            marked["overlaps"].to_list(),
            marked["topic_pair"].to_list(),
            {"evidence": recall(0)},
        )
    return figures


def macro_f1(counts: Floats) -> Floats:
    """Mean of the classes' F1; a class that never occurs counts 0, as scikit-learn has it."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    both = counts.sum(axis=-1) + counts[..., :-1].sum(axis=-2)
    return np.asarray(np.divide(2 * right, both, out=np.zeros_like(both), where=both > 0).mean(-1))


def _rank_correlation(rows: pl.DataFrame) -> dict[str, Any] | None:
    """Spearman's rank correlation of the labelled number of links with the given one."""
    columns = np.array([rows["connections"].to_numpy(), rows["links"].to_numpy()], dtype=np.float64)
    pairs = rows["topic_pair"].to_list()
    places: dict[str, list[int]] = {pair: [] for pair in sorted(set(pairs))}
    for place, pair in enumerate(pairs):
        places[pair].append(place)
    groups = list(places.values())
    random = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES // 4):  # each takes as long as a hundred of the others
        chosen = [
            place for one in random.integers(0, len(groups), len(groups)) for place in groups[one]
        ]
        drawn.append(spearman(*columns[:, chosen]))
    return figure(spearman(*columns), np.array(drawn), rows.height)


def spearman(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation, ties at their mean rank; NaN if one is constant or alone."""
    if first.size < 2:
        return float("nan")
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return np.asarray((ends - (sizes - 1) / 2)[place], dtype=np.float64)
