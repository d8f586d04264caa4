from __future__ import annotations

import pytest

from stages.heuristics.answers.clock import dates, same_time, times


@pytest.mark.parametrize(
    ("text", "hour", "minute", "sure"),
    [
        ("21:45", 21, 45, True),
        ("9:45", 9, 45, False),
        ("9:45 pm", 21, 45, True),
        ("a quarter to ten at night", 21, 45, True),
        ("half past six", 6, 30, False),
        ("midnight", 0, 0, True),
        ("ten past 3 in the afternoon", 15, 10, True),
    ],
)
def test_times(text: str, hour: int, minute: int, sure: bool) -> None:
    ((minutes, known, *_),) = times(text)
    assert (minutes, known) == (60 * hour + minute, sure)


def test_either_half_of_the_day_will_do_where_none_is_said() -> None:
    (evening,), (unsaid,), (morning,) = (times(one) for one in ("21:45", "9:45", "9:45 am"))
    assert same_time(evening, unsaid)
    assert not same_time(evening, morning)


@pytest.mark.parametrize(
    "text",
    ["14 July 1789", "July 14, 1789", "the 14th of July 1789", "1789-07-14", "14.7.1789",
     "on the fourteenth of July, 1789"],
)  # fmt: skip
def test_dates(text: str) -> None:
    ((day, month, year, *_),) = dates(text)
    assert (day, month, year) == (14, 7, 1789)
