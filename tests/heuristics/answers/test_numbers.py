from __future__ import annotations

from fractions import Fraction

import pytest

from stages.heuristics.answers.numbers import number, quantities, whole_quantity
from stages.heuristics.answers.units import named


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("1 000 000", 1_000_000),
        (".50", Fraction(1, 2)),
        ("-7", -7),
        ("1 3/4", Fraction(7, 4)),
        ("1e-3", Fraction(1, 1000)),
        ("6*10^2", 600),
        ("3 million", 3_000_000),
        ("50%", Fraction(1, 2)),
        ("twenty-four", 24),
        ("one hundred and fifty-four", 154),
        ("two thirds", Fraction(2, 3)),
        ("two and a half million", 2_500_000),
        ("half a dozen", 6),
        ("minus seven", -7),
        ("1/0", None),
        ("the third", None),
        ("3 km", None),
        ("x2", None),
    ],
)
def test_a_number_and_nothing_else(text: str, value: Fraction | int | None) -> None:
    assert number(text) == value


def test_numbers_of_a_sentence() -> None:
    found = quantities("Of 154 sonnets, forty-two and a third; 5-3, not one.")
    assert [one.value for one in found] == [154, Fraction(127, 3), 5, 3]


def test_units_belong_to_numbers() -> None:
    ((value, *_, units),) = quantities("about 90 km/h downhill")
    ((unit,),) = (units,)
    # 90 km/h are 25 m/s
    assert (value * unit.factor, unit.dimension) == (25, (("m", 1), ("s", -1)))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2 h 15 min", Fraction(9, 4), "h"),
        ("22 dollars and 50 cents", Fraction(45, 2), "$"),
        ("an hour and a half", Fraction(3, 2), "h"),
        ("5 feet 3 inches", Fraction(21, 4), "ft"),
        ("half a litre", Fraction(1, 2), "litre"),
    ],
)
def test_what_belongs_together_is_one_number(text: str, value: Fraction, unit: str) -> None:
    found = whole_quantity(text)
    assert found is not None
    assert (found.value, found.units[0]) == (value, named(unit)[0])


def test_a_word_of_the_sentence_is_no_unit() -> None:
    assert quantities("3 in all")[0].units == ()
