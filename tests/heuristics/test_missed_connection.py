from __future__ import annotations

from stages.heuristics.missed_connection import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = (
    {"truth": "related", "stance": "separate"},
    {"truth": "related", "stance": "implicit_separate"},
    {"truth": "related", "stance": "mixed"},
    {"truth": "unrelated", "stance": "separate"},
    {"truth": None, "stance": "separate"},
    {"truth": "related", "stance": None},
)


def test_related_topics_kept_apart() -> None:
    assert values(HEURISTIC, *ROWS) == [True, True, False, False, None, None]


def test_unknown_says_why() -> None:
    assert reasons(HEURISTIC, *ROWS)[4:] == [
        "nobody said whether the topics are related",
        "the answer's stance isn't known",
    ]
