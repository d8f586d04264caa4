"""A counter of which two steps were seen: by 2 ms, and by 102 ms."""

from __future__ import annotations

import pytest

from stages.trace.lanes.gpu_bracket import Bracket

MS = 1_000_000


@pytest.fixture
def bracket() -> Bracket:
    return Bracket([(0, 2 * MS), (100 * MS, 102 * MS)])  # a period of 98 to 102 ms


def next_ms(bracket: Bracket, took_ms: float) -> float:
    assert not bracket.lost
    return bracket.next_ns(0.08, took_ms / 1000) / MS


def test_a_step_that_is_known_well_enough_is_looked_for_a_while_after(bracket: Bracket) -> None:
    assert next_ms(bracket, 3) == pytest.approx(204 + 0.2 * 98)  # it comes from 198 to 204 ms


def test_one_that_is_not_is_looked_for_before_and_then_after(bracket: Bracket) -> None:
    assert next_ms(bracket, 1) == 198.5
    bracket.saw(round(198.5 * MS), False)
    assert next_ms(bracket, 1) == pytest.approx(204 + 0.2 * 98)


def test_a_step_seen_sooner_than_it_could_be_is_believed(bracket: Bracket) -> None:
    bracket.saw(150 * MS, True)  # so the last was from 146 to 150 ms, the period 97.8 to 102.2
    assert next_ms(bracket, 3) == pytest.approx(150 + 102.2 + 0.2 * 97.8)


def test_one_that_is_not_seen_where_it_had_to_be_is_looked_for_on(bracket: Bracket) -> None:
    bracket.saw(224 * MS, False)  # not before 224 ms, then, and by 228 as far as is known
    assert next_ms(bracket, 3) == pytest.approx(228 + 0.2 * 97.8)


def test_so_many_looks_in_vain_lose_it(bracket: Bracket) -> None:
    for look in range(8):
        bracket.saw((224 + 20 * look) * MS, False)
        assert not bracket.lost
    bracket.saw(400 * MS, False)
    assert bracket.lost
