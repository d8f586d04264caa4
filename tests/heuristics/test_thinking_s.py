from __future__ import annotations

from stages.heuristics.thinking_s import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = (
    {"thinking": "t", "thinking_s": 2.5},
    {"answer": "a"},
    {"thinking": "t", "answer": None},
    {"thinking": "t", "answer": "a"},
)


def test_the_time_is_taken_or_its_absence_explained() -> None:
    assert values(HEURISTIC, *ROWS) == [2.5, None, None, None]
    assert reasons(HEURISTIC, *ROWS) == [
        None,
        "there is no thinking",
        "no answer followed the thinking",
        "the transcript holds no times",
    ]
