from __future__ import annotations

from stages.heuristics.thinking_share import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = (
    {"thinking": "t", "thinking_tokens": 30, "answer_tokens": 10},
    {"thinking": "t", "thinking_tokens": 30, "answer": None, "status": "truncated"},
    {"thinking": "t", "thinking_tokens": 30, "answer": None, "status": "error"},
    {"answer_tokens": 10},
    {"thinking": "t", "thinking_tokens": 30},
)


def test_thinking_over_all() -> None:
    assert values(HEURISTIC, *ROWS) == [0.75, 1.0, None, None, None]
    assert reasons(HEURISTIC, *ROWS) == [
        None,
        None,
        "it failed before an answer",
        "there is no thinking",
        "the tokens of a part weren't counted",
    ]
