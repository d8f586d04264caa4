from __future__ import annotations

from datetime import datetime

import pytest

from stages.reporting.numbers import (
    accuracy,
    count,
    data_size,
    duration,
    figure,
    measured,
    moment,
    period,
    rate,
)

ROW = {"median": 4.0, "low": 3.0, "high": 6.5, "interval": "95 %", "n": 12, "unit": "s"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (4.0, "4"), (7.999999999999998, "8"), (0.19531, "0.195"), (12.345, "12.3"),
     (1234.5, "1,234"), (1e-4, "0.0001"), (-2.5, "-2.5"), (None, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_three_digits(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_a_value_carries_interval_and_n() -> None:
    assert measured(ROW) == "4\u00a0s (3–6.5), n\u00a012"
    assert measured(ROW | {"interval": "min–max", "n": 3}) == "4\u00a0s (min–max 3–6.5), n\u00a03"
    assert measured(ROW | {"low": 4.0, "high": 4.0}) == "4\u00a0s (all alike), n\u00a012"
    assert measured(ROW | {"n": 1}) == "4\u00a0s, n\u00a01"
    assert measured(None) == measured(ROW | {"median": None}) == "–"


def test_shares_carry_counts() -> None:
    row = {"rate": 0.75, "low": 0.301, "high": 0.954, "k": 3, "n": 4}
    assert rate(row) == "75\u00a0% (30–95), 3\u00a0of\u00a04"


def test_a_verdict_that_was_never_checked_says_so() -> None:
    assert accuracy({"accuracy": None}) == "not validated"
    row = {"accuracy": 0.85, "accuracy_low": 0.78, "accuracy_high": 0.91, "accuracy_n": 120}
    assert accuracy(row) == "85\u00a0% (78–91), n\u00a0120"


def test_words_for_counts_times_and_sizes() -> None:
    assert [count(1, "model"), count(2, "model")] == ["1\u00a0model", "2\u00a0models"]
    assert [duration(3.2), duration(240)] == ["3.2\u00a0s", "4\u00a0min"]
    assert duration(7500) == "2\u00a0h 5\u00a0min"
    assert [data_size(0), data_size(1500), data_size(None)] == ["0\u00a0bytes", "1.5\u00a0kB", "–"]


def test_times_are_said_once() -> None:
    ten = datetime(2026, 11, 3, 10, 12)
    assert moment(ten) == "3 Nov 2026, 10:12 UTC"
    assert period(ten, ten.replace(second=59)) == "3 Nov 2026, 10:12 UTC"
    assert period(ten, ten.replace(hour=11)) == "3 Nov 2026, 10:12 to 11:12 UTC"
    assert period(ten, datetime(2026, 12, 1, 9)) == "3 Nov 2026, 10:12 to 1 Dec 2026, 09:00 UTC"
