from __future__ import annotations

import pytest

from stages.heuristics.answers.expressions import formula_values, same_formula


@pytest.mark.parametrize(
    ("one", "other"),
    [("2sqrt(2)", "sqrt(8)"), ("x + 1", "1+x"), ("2^10", "1024"), ("(x-1)(x+1)", "x^2-1"),
     ("6 - 5i", "-5i + 6"), ("e^(iπ)", "-1")],
)  # fmt: skip
def test_equal_by_value(one: str, other: str) -> None:
    assert same_formula(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("x", "y"), ("2x", "x^2"), ("(x+1)", "(x-1)"), ("a*b", "a+b")]
)
def test_different(one: str, other: str) -> None:
    assert not same_formula(one, other)


@pytest.mark.parametrize(
    "text", ["", "word!", "1/0", "9^9^9^9", "(" * 100 + "1" + ")" * 100, "1+" * 200]
)
def test_no_formula(text: str) -> None:
    assert formula_values(text) is None
