from __future__ import annotations

from stages.heuristics.thinking_tokens import HEURISTIC
from tests.heuristics.table import reasons, values

ROWS = ({"thinking": "t", "thinking_tokens": 3}, {"thinking": "t"}, {})


def test_the_transcripts_count_is_taken() -> None:
    assert values(HEURISTIC, *ROWS) == [3, None, None]
    assert reasons(HEURISTIC, *ROWS) == [None, "its tokens weren't counted", "there is no thinking"]
