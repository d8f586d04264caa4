from __future__ import annotations

import pytest

from stages.heuristics.thought_switches import HEURISTIC
from tests.heuristics.table import reasons, values


@pytest.mark.parametrize(
    ("thinking", "switches"),
    [
        ("So it is 4. Alternatively, we can count them. Alternatively, use the formula.", 2),
        ("Hmm. Another approach is to draw it. But wait, another way is to add them up.", 2),
        ("Let me try a different approach to this problem. The answer is the same.", 1),
        ("Maybe I should try another way. Let's start over with the first of the two.", 2),
        ("The alternative is another way of life for the people of the town.", 0),
        ("That is the sum of the two numbers, and it is what we were asked for.", 0),
    ],
)
def test_new_approaches_are_counted(thinking: str, switches: int) -> None:
    assert values(HEURISTIC, {"thinking": thinking}) == [switches]


def test_unknown_says_why() -> None:
    rows = ({"thinking": None}, {"thinking": "Das ist nicht die Antwort, die wir suchen."})
    assert reasons(HEURISTIC, *rows) == ["there is no thinking", "the thinking isn't in English"]
