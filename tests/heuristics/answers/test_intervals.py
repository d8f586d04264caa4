from __future__ import annotations

from math import inf

import pytest

from stages.heuristics.answers.intervals import Interval, intervals, same_intervals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[3, 5)", [(3, True, 5, False)]),
        ("3 ≤ x < 5", [(3, True, 5, False)]),
        ("5 > x > 3", [(3, False, 5, False)]),
        ("x > 3", [(3, False, inf, False)]),
        ("x < 2 or x > 3", [(-inf, False, 2, False), (3, False, inf, False)]),
        ("x > 2 and x < 3", [(2, False, 3, False)]),
        ("|x| ≤ 2", [(-2, True, 2, True)]),
        ("(-∞, 2) ∪ (3, ∞)", [(-inf, False, 2, False), (3, False, inf, False)]),
        ("at least 3", [(3, True, inf, False)]),
        ("18 or older", [(18, True, inf, False)]),
        ("never above one and never below minus one", [(-1, True, 1, True)]),
        ("between 3 and 5", [(3, None, 5, None)]),
        ("1914-1918", [(1914, None, 1918, None)]),
        ("x = 3", []),
    ],
)
def test_ranges(text: str, expected: list[tuple[float, bool | None, float, bool | None]]) -> None:
    assert intervals(text) == [Interval(*one) for one in expected]


def test_an_end_that_isnt_said_may_be_either() -> None:
    assert same_intervals(intervals("[3, 5]"), intervals("between 3 and 5"))
    assert not same_intervals(intervals("[3, 5]"), intervals("(3, 5)"))
