from __future__ import annotations

from stages.heuristics.overthinking_ratio import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = (
    {"thinking": "t", "thinking_tokens": 30, "answer_tokens": 10},
    {"thinking": "t", "thinking_tokens": 30, "answer_tokens": 0, "answer": ""},
    {"thinking": "t", "thinking_tokens": 30, "answer": None},
    {"answer_tokens": 10},
    {"thinking": "t", "answer_tokens": 10},
)


def test_thinking_over_answer() -> None:
    assert values(HEURISTIC, *ROWS) == [3.0, None, None, None, None]
    assert reasons(HEURISTIC, *ROWS) == [
        None,
        "the answer is empty",
        "there is no answer",
        "there is no thinking",
        "the tokens of a part weren't counted",
    ]
