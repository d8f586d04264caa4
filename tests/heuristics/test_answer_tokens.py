from __future__ import annotations

from stages.heuristics.answer_tokens import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = ({"answer_tokens": 0, "answer": ""}, {"answer": "a"}, {"answer": None})


def test_the_transcripts_count_is_taken() -> None:
    assert values(HEURISTIC, *ROWS) == [0, None, None]
    assert reasons(HEURISTIC, *ROWS) == [None, "its tokens weren't counted", "there is no answer"]
