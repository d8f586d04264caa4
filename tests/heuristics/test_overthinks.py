from __future__ import annotations

from typing import Any

from stages.heuristics.overthinks import HEURISTIC
from tests.heuristics.table import computed, reasons, values

FINE = {"forced_connection": False, "loop": False, "truncated": "none"}


def because(**row: Any) -> list[str] | None:
    found: list[str] | None = computed(HEURISTIC, FINE | row).values["overthinks_because"][0]
    return None if found is None else list(found)


def test_nothing_holds() -> None:
    assert values(HEURISTIC, FINE) == [False]
    assert because() == []


def test_each_condition_and_its_name() -> None:
    assert because(forced_connection=True) == ["forced_connection"]
    assert because(loop=True) == ["loop"]
    assert because(truncated="thinking") == ["thought_cut_off"]
    assert because(truncated="answer") == []
    assert because(relative_length=2.1) == ["relative_length"]
    assert because(relative_length=2.0) == []
    assert because(forced_connection=True, loop=True) == ["forced_connection", "loop"]


def test_an_early_solution_counts_in_a_long_thought_if_the_rule_names_it() -> None:
    row = FINE | {"first_solution_share": 0.1, "thinking_tokens": 10}
    assert values(HEURISTIC, row) == [False]
    assert values(HEURISTIC, row, overthinks_if=["early_solution"]) == [True]
    short = row | {"thinking_tokens": 9}
    assert values(HEURISTIC, short, overthinks_if=["early_solution"]) == [False]


def test_what_failed_or_can_not_be_judged_has_no_verdict() -> None:
    rows = (FINE | {"status": "error"}, {"loop": None})
    assert values(HEURISTIC, *rows) == [None, None]
    assert reasons(HEURISTIC, *rows) == ["it failed", "nothing can be judged"]
    assert values(HEURISTIC, FINE, overthinks_if=[]) == [None]
