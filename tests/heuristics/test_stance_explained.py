from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from stages.heuristics.stance_explained import LIKES, READS, Reasons, _reasons, explained
from stages.heuristics.stance_judge import judged, patterns
from stages.heuristics.stance_model import Linear

DENIED = "Tea is a drink. Tax law is a body of rules. There is no connection between the two."


def frame(answer: str) -> pl.DataFrame:
    topics = pl.Series([["tea", "tax law"]])
    rows = pl.DataFrame({"response_id": ["r"], "topics": topics, "answer": [answer]})
    return rows.join(patterns(rows), on="topics")


@pytest.mark.parametrize("answer", [DENIED, "Both tea and tax law grew from trade.", "Tea is hot."])
def test_it_is_the_verdict_that_is_explained(answer: str) -> None:
    told = explained(frame(answer), "answer").stance
    verdict = judged(frame(answer), "answer", "answer").verdicts
    assert told.given == verdict["stance"].item()
    assert round(told.probability, 3) == verdict["confidence"].item()


def odds(told: Reasons) -> float:
    return told.bias + sum(part.adds for part in told.parts)


def test_the_odds_are_those_of_the_two_likeliest() -> None:
    """By hand: 2 · 3 + 1 for one, 2 · 1 − 4 for the next: e⁷ ÷ e⁻² times as likely."""
    weights = np.array([[3.0, 1.0, -9.0]])
    model = Linear(("yes", "no", "never"), ("size",), np.array([1.0, -4.0, 0.0]), weights)
    told = _reasons(model, pl.DataFrame({"size": [2.0]}))
    assert (told.given, told.instead, told.bias) == ("yes", "no", 5.0)
    assert [tuple(part) for part in told.parts] == [("size", 2.0, 2.0, 4.0)]
    assert odds(told) == 9.0


def test_the_parts_add_up_to_the_odds() -> None:
    told = explained(frame(DENIED), "answer")
    assert told.stance.given == "separate"
    # Among four the likeliest has p, so the next has at most 1 - p: the odds are at least these.
    assert math.exp(odds(told.stance)) >= told.stance.probability / (1 - told.stance.probability)
    for part in told.stance.parts:
        assert part.value is not None and part.weight is not None
        assert part.value * part.weight == pytest.approx(
            part.adds, abs=0.01 + abs(part.value) / 1e3
        )
    assert [abs(part.adds) for part in told.stance.parts] == sorted(
        (abs(part.adds) for part in told.stance.parts), reverse=True
    )


def test_the_sentence_that_decided_has_its_phrases_and_the_rest_put_together() -> None:
    (sentence, told), *_ = explained(frame(DENIED), "answer").sentences
    assert sentence == "There is no connection between the two."
    assert told.given == "denial"
    assert odds(told) > 0
    names = [part.name for part in told.parts]
    assert {"denies_bond", LIKES, READS} <= set(names)
    assert not any(name.startswith(("like: ", "read ")) for name in names)
