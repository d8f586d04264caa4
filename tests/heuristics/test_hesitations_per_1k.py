from __future__ import annotations

import pytest

from stages.heuristics.hesitations_per_1k import HEURISTIC
from tests.heuristics.table import reasons, values

PLAIN = "The answer is in the third line of the text and it has to be found. "


def per_1k(text: str) -> float:
    """With 1,000 tokens, the rate is the count."""
    return values(HEURISTIC, {"thinking": PLAIN + text, "thinking_tokens": 1000})[0]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Wait, that is wrong.", 1),
        ("but wait, no", 1),
        ("Hmm. Hmmm, alternatively so.", 3),
        ("Let me re-check. Let's double check. I'll verify this.", 3),
        ("Hold on. On second thought, I'm not sure.", 3),
        ("That can't be right; I made a mistake.", 2),
        ("The users wait for the train, the waiting takes long, they await it.", 0),
    ],
)
def test_phrases(text: str, count: int) -> None:
    assert per_1k(text) == count


def test_the_rate_is_for_a_thousand_tokens() -> None:
    assert values(HEURISTIC, {"thinking": PLAIN + "Wait!", "thinking_tokens": 50}) == [20.0]


def test_no_value_without_english_thinking_and_its_tokens() -> None:
    rows = (
        {},
        {"thinking": "Warte, das kann nicht stimmen, ich rechne noch einmal.",
         "thinking_tokens": 9},
        {"thinking": PLAIN},
        {"thinking": PLAIN, "thinking_tokens": 0},
    )  # fmt: skip
    assert values(HEURISTIC, *rows) == [None] * 4
    assert reasons(HEURISTIC, *rows) == [
        "there is no thinking",
        "the thinking isn't in English",
        "its tokens weren't counted",
        "its tokens weren't counted",
    ]
