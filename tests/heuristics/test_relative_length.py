from __future__ import annotations

from typing import Any

from stages.heuristics.relative_length import HEURISTIC
from tests.heuristics.table import reasons, values


def thought(prompt: str, tokens: int | None, **more: Any) -> dict[str, Any]:
    row = {"prompt_id": prompt, "model": "m", "thinking": "t", "thinking_tokens": tokens}
    return row | {"arm": "solo"} | more


# The table names the prompts p0, p1, … by their rows.
CONTROLS = (thought("p0", 10), thought("p0", 30), thought("p0", 20))


def test_against_the_median_of_the_control() -> None:
    asked = thought("p3", 50, pair="p0")
    assert values(HEURISTIC, *CONTROLS, asked) == [None, None, None, 2.5]


def test_another_model_and_what_failed_or_only_repeats_are_no_controls() -> None:
    strangers = (
        thought("p0", 1, model="other"),
        thought("p0", 1, arm="warm"),
        thought("p0", 1, status="error"),
        thought("p0", 20),
    )
    asked = thought("p4", 50, pair="p0")
    assert values(HEURISTIC, *strangers, asked)[-1] == 2.5


def test_unknown_says_why() -> None:
    rows = (
        thought("p0", 10),
        thought("p1", 10, pair="p9"),
        thought("p2", None, pair="p0"),
        thought("p3", None, pair="p0", thinking=None),
    )
    assert values(HEURISTIC, *rows) == [None] * 4
    assert reasons(HEURISTIC, *rows) == [
        "the prompt has no control to compare with",
        "the model didn't think about the prompt's control",
        "there is no thinking whose tokens are known",
        "there is no thinking whose tokens are known",
    ]
