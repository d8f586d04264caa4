from __future__ import annotations

from stages.heuristics.reversal import HEURISTIC
from tests.heuristics.table import reasons, values


def test_a_denied_link_that_the_answer_claims() -> None:
    rows = [
        {"thinking_denies": denies, "stance": stance}
        for denies, stance in (
            (True, "connect"),
            (True, "mixed"),
            (True, "separate"),
            (False, "connect"),
        )
    ]
    assert values(HEURISTIC, *rows) == [True, True, False, False]


def test_unknown_without_both() -> None:
    rows = (
        {"thinking_denies": None, "stance": "connect"},
        {"thinking_denies": True, "stance": None},
    )
    assert values(HEURISTIC, *rows) == [None, None]
    assert reasons(HEURISTIC, *rows) == [
        "there is no thinking whose stance is known",
        "the answer's stance isn't known",
    ]
