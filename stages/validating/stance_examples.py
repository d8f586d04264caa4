"""The sentences to which the models of ``stance`` compare others, chosen from the labelled ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from stages.heuristics.encoder import Vectors, default_encoder

FIRST, SECOND = "this topic", "that topic"
"""What stands for the two topics in a sentence that is about any two."""

EACH = {"denial": 48, "link": 48, "hedge": 24, "concession": 16, "nothing": 24}
"""How many are chosen of those that say it."""


def spelt_out(text: pl.Expr) -> pl.Expr:
    """A labelled sentence with words for its topics."""
    said = text.str.replace_many(["{A}", "{B}"], [FIRST, SECOND])
    return said.str.slice(0, 1).str.to_uppercase() + said.str.slice(1)


def chosen(phrases: pl.DataFrame) -> list[str]:
    """Sentences that lie far from each other, so that few of them cover what can be said.

    ``phrases`` has ``text`` and ``says``. Of each kind the one nearest to the mean comes first,
    and then ever the one that is farthest from all chosen before it.
    """
    said = phrases.with_columns(spelt_out(pl.col("text"))).unique(["text"], maintain_order=True)
    found: list[str] = []
    for kind, most in EACH.items():
        texts = said.filter(pl.col("says") == kind)["text"].to_list()
        if texts:
            found += [texts[place] for place in _spread(default_encoder().encode(texts), most)]
    return found


def _spread(vectors: Vectors, most: int) -> list[int]:
    # Rounded: which of two is farther mustn't hang on a processor's last digit.
    mean = np.round(vectors @ vectors.mean(axis=0), 3)
    places = [int(mean.argmax())]
    far = 1 - vectors @ vectors[places[0]]
    while len(places) < min(most, len(vectors)):
        place = int(np.round(far, 3).argmax())
        places.append(place)
        far = np.minimum(far, 1 - vectors @ vectors[place])
    return places
