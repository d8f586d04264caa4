"""Makes ``stages/heuristics/stance_weights.json`` from ``data/labels``.

``python -m stages.validating.stance_training`` writes it; ``validate`` makes it again and fails
where the committed one differs. Only answers marked ``seen`` are learned from. Nothing is random:
parts of a split are made by the alphabet of the topic pairs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from stages.heuristics import stance_lean, stance_read, stance_sentences, stance_texts
from stages.heuristics.stance_judge import saying, whole_texts
from stages.heuristics.stance_model import STANCES, WEIGHTS, Linear
from stages.heuristics.stance_texts import SAYS
from stages.validating.stance_material import PARTS, Material, material, parts, read_labels
from stages.validating.stance_readings import kept

DIGITS = 3
TOLERANCE = 0.02  # a solver's last digits differ between machines
# Strengths of the L2 penalty, chosen by leaving one author out.
_SENTENCE_C, _TEXT_C = 0.2, 0.02
# What a composed text weighs beside a written one, and its sentences beside others.
_COMPOSED_TEXT, _COMPOSED_SENTENCE = 0.1, 0.3
_TEXT = (*stance_texts.FEATURES, *stance_lean.FEATURES)


def train(found: Material) -> dict[str, Linear]:
    """The three models, unrounded.

    What a text's sentences say is predicted by a model that hasn't seen its pair of topics, so
    that the models of texts learn from predictions as good as those of an unknown text.
    """
    said = out_of_fold(found)
    table = whole_texts(said, found.leans).join(
        found.texts, on="response_id", how="left", maintain_order="left"
    )
    answers = table.filter(~pl.col("thinking"))
    return {
        "sentence": sentence_model(found),
        "answer": text_model(answers),
        "thinking": text_model(table),
    }


def sentence_model(found: Material) -> Linear:
    """What a sentence says, from all sentences of which that is known."""
    names = [*stance_sentences.FEATURES, *stance_read.FEATURES, *found.examples]
    rows = found.sentences.filter(pl.col("says").is_not_null(), "looked_at")
    return _logistic(rows, "says", SAYS, names, _SENTENCE_C)


def text_model(table: pl.DataFrame) -> Linear:
    """What a text does, from the features of texts."""
    return _logistic(table, "stance", STANCES, _TEXT, _TEXT_C)


def out_of_fold(found: Material) -> pl.DataFrame:
    """The sentences with probabilities by models that were trained without their pair."""
    known = found.texts.filter(~pl.col("composed"))
    part = parts(known["topic_pair"].to_list())
    part |= {f"composed {one}": one for one in range(PARTS)}
    parted = found.sentences.with_columns(
        pl.col("topic_pair").replace_strict(part, return_dtype=pl.Int64).alias("part")
    )
    pieces = [
        saying(
            parted.filter(pl.col("part") == one),
            sentence_model(found._replace(sentences=parted.filter(pl.col("part") != one))),
        )
        for one in range(PARTS)
    ]
    order = found.sentences.select("response_id", "start", "line")
    return order.join(
        pl.concat(pieces), on=["response_id", "start", "line"], how="left", maintain_order="left"
    )


def _logistic(
    rows: pl.DataFrame, target: str, classes: Sequence[str], names: Sequence[str], strength: float
) -> Linear:
    """A logistic regression on standardised features, its weights put back to the plain ones.

    Rare classes count more: each row weighs the root of what would make its class as heavy as
    the others.
    """
    values = rows.select(pl.col(names).cast(pl.Float64)).to_numpy()
    wanted = rows[target].to_numpy()
    sizes = {one: (wanted == one).sum() for one in classes}
    weight = np.array([(len(wanted) / sizes[one]) ** 0.5 for one in wanted])
    of_composed = _COMPOSED_SENTENCE if target == "says" else _COMPOSED_TEXT
    weight = weight * np.where(rows["composed"].to_numpy(), of_composed, 1.0)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    if target == "says":
        mean, spread = np.zeros_like(mean), np.ones_like(spread)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=strength, solver="newton-cg", max_iter=1_000, tol=1e-5)
    model.fit((values - mean) / spread, wanted, sample_weight=weight / weight.mean())
    order = [list(model.classes_).index(one) for one in classes]
    weights = (model.coef_[order] / spread).T
    bias = model.intercept_[order] - mean @ weights
    return Linear(tuple(classes), tuple(names), bias, weights)


def written(found: dict[str, Linear]) -> dict[str, Any]:
    """The models as ``stance_weights.json`` has them."""
    return {name: model.written(DIGITS) for name, model in found.items()}


def differences(made: dict[str, Any], committed: dict[str, Any]) -> list[str]:
    """Names of the weights that differ by more than solvers of two machines do."""
    if made.keys() != committed.keys():
        return ["models"]
    found = []
    for model, own in made.items():
        other = committed[model]
        if own["classes"] != other["classes"] or own["weights"].keys() != other["weights"].keys():
            found.append(f"{model}: classes or features")
            continue
        rows = {"bias": own["bias"]} | own["weights"]
        others = {"bias": other["bias"]} | other["weights"]
        found += [
            f"{model}: {name}"
            for name, row in rows.items()
            if np.abs(np.subtract(row, others[name])).max() > TOLERANCE
        ]
    return found


def main() -> None:
    """Write the weights."""
    labels, phrases = read_labels()
    made = written(train(material(labels.filter(pl.col("seen")), phrases, kept())))
    WEIGHTS.write_text(_as_text(made), encoding="utf-8")


def _as_text(made: dict[str, Any]) -> str:
    """JSON with the weights of one feature on one line."""
    models = []
    for name, model in made.items():
        rows = ",\n".join(
            f"      {json.dumps(feature, ensure_ascii=False)}: {json.dumps(row)}"
            for feature, row in model["weights"].items()
        )
        models.append(
            f'  "{name}": {{\n    "classes": {json.dumps(model["classes"])},\n'
            f'    "bias": {json.dumps(model["bias"])},\n    "weights": {{\n{rows}\n    }}\n  }}'
        )
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    main()
