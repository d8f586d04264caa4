from __future__ import annotations

from stages.heuristics.truncated import HEURISTIC
from tests.heuristics.table import reasons, values


def test_the_part_that_was_cut() -> None:
    rows = (
        {},
        {"status": "truncated", "thinking": "t", "answer": None},
        {"status": "truncated"},
        {"thinking": "t", "thought_end": "limit"},
        {"thinking": "t", "thought_end": "limit", "status": "truncated"},
        {"thinking": "t", "thought_end": "closed"},
        {"status": "timeout", "answer": None},
    )
    assert values(HEURISTIC, *rows) == [
        "none", "thinking", "answer", "thinking", "answer", "none", None,
    ]  # fmt: skip
    assert reasons(HEURISTIC, *rows)[-1] == "it failed before it ended"
