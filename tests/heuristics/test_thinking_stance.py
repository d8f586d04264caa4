from __future__ import annotations

import pytest

from stages.heuristics.thinking_stance import HEURISTIC
from tests.heuristics.table import computed, reasons

TOPICS = ["volcanoes", "tax law"]


@pytest.mark.parametrize(
    ("thinking", "verdict"),
    [
        (
            (
                "Okay, volcanoes and tax law. These are two unrelated topics. There is no "
                "connection between them. I'll say so and describe each."
            ),
            ("separate", True),
        ),
        (
            (
                "Okay, volcanoes and tax law. Eruptions lead to tax relief, so the tax law has "
                "rules for volcanoes. Both are about pressure, too. I'll present these links."
            ),
            ("connect", False),
        ),
    ],
)
def test_what_the_thinking_ends_on(thinking: str, verdict: tuple[str, bool]) -> None:
    found = computed(HEURISTIC, {"topics": TOPICS, "thinking": thinking})
    assert found.values.row(0) == verdict
    note = found.notes.to_dicts()[0]
    assert (note["heuristic"], note["part"]) == ("thinking_stance", "thinking")
    assert thinking[note["start"] : note["end"]] == note["text"]


def test_no_verdict_without_thinking() -> None:
    rows = ({"topics": TOPICS}, {"topics": TOPICS, "thinking": ""}, {"thinking": "Hm."})
    assert computed(HEURISTIC, *rows).values.rows() == [(None, None)] * 3
    assert reasons(HEURISTIC, *rows) == [
        "there is no thinking",
        "the thinking is empty",
        "the prompt doesn't name two topics",
    ]
