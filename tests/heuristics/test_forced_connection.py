from __future__ import annotations

from stages.heuristics.forced_connection import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = (
    {"truth": "unrelated", "stance": "connect"},
    {"truth": "unrelated", "stance": "mixed"},
    {"truth": "unrelated", "stance": "separate"},
    {"truth": "unrelated", "stance": "implicit_separate"},
    {"truth": "related", "stance": "connect"},
    {"stance": "connect"},
    {"truth": "unrelated"},
)


def test_unrelated_and_connected() -> None:
    assert values(HEURISTIC, *ROWS) == [True, True, False, False, False, None, None]
    assert reasons(HEURISTIC, *ROWS)[5:] == [
        "nobody said whether the topics are related",
        "the answer's stance isn't known",
    ]
