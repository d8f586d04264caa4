"""How often a verdict is right: figures with intervals as ``data/validation.json`` has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

RESAMPLES, SEED = 2_000, 1

Floats: TypeAlias = npt.NDArray[np.float64]
Measure: TypeAlias = Callable[[Floats], Floats]


def measure(
    classes: Sequence[Any],
    truth: Sequence[Any],
    given: Sequence[Any],
    groups: Sequence[str],
    measures: Mapping[str, Measure],
) -> dict[str, Any]:
    """Figures with 95 % intervals (bootstrap over groups); a ``given`` of null is always wrong.

    A figure's ``n`` is the number of texts, of a recall (``recall:CLASS``) those of its class.
    Resamples that lack a class have no value and are left out, and so is a figure without one.
    """
    place = {one: index for index, one in enumerate(classes)}
    names = {group: number for number, group in enumerate(sorted(set(groups)))}
    counts = np.zeros((len(names), len(classes), len(classes) + 1))
    for group, true, said in zip(groups, truth, given, strict=True):
        column = len(classes) if said is None else place[said]
        counts[names[group], place[true], column] += 1
    drawn = np.random.default_rng(SEED).multinomial(
        len(names), [1 / len(names)] * len(names), size=RESAMPLES
    )
    resampled = np.tensordot(drawn.astype(np.float64), counts, axes=1)
    whole, of_class = (
        counts.sum(axis=0),
        {str(one): sum(true == one for true in truth) for one in classes},
    )
    figures = {}
    for name, function in measures.items():
        n = of_class.get(name.removeprefix("recall:"), len(truth))
        if found := figure(float(function(whole)), function(resampled), n):
            figures[name] = found
    return figures


def figure(value: float, resampled: Floats, n: int) -> dict[str, Any] | None:
    """A figure with its interval; null where it has no value, as without a text of some class."""
    known = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or not known.size:
        return None
    low, high = (round(float(edge), 3) for edge in np.percentile(known, [2.5, 97.5]))
    return {"value": round(value, 3), "low": low, "high": high, "n": n}


def recalls(counts: Floats) -> Floats:
    """Recall of each class from counts of shape (…, true, given); NaN for a class without texts."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(right / counts.sum(axis=-1))


def recall(index: int) -> Measure:
    """Recall of one class."""
    return lambda counts: recalls(counts)[..., index]


def balanced(counts: Floats) -> Floats:
    """Mean recall of the classes."""
    return np.asarray(recalls(counts).mean(axis=-1))
