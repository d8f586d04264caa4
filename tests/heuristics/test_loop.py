from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.heuristics.loop import HEURISTIC
from tests.heuristics.table import computed, reasons


def looped(words: int, repeats: int, **row: Any) -> tuple[bool, float]:
    found = computed(HEURISTIC, {"answer": None} | row, loop_words=words, loop_repeats=repeats)
    return found.values.row(0)


def test_a_run_that_comes_twice() -> None:
    # three words twice among eight: six of eight lie inside
    assert looped(3, 2, answer="x a b c y a b c") == (True, 0.75)


def test_once_is_no_loop() -> None:
    assert looped(3, 2, answer="a b c d e f") == (False, 0.0)
    assert looped(3, 3, answer="x a b c y a b c") == (False, 0.0)


def test_occurrences_may_overlap() -> None:
    assert looped(3, 2, answer="a a a a") == (True, 1.0)
    assert looped(3, 2, answer="a a a") == (False, 0.0)


def test_a_run_in_each_part_isnt_a_repetition() -> None:
    assert looped(2, 2, thinking="a b", answer="a b") == (False, 0.0)


def test_the_share_is_of_both_parts() -> None:
    assert looped(2, 2, thinking="a b a b", answer="c d e f") == (True, 0.5)


def test_the_published_measure() -> None:
    phrase = " ".join(f"w{n}" for n in range(30))
    assert looped(30, 20, answer=" ".join([phrase] * 20))[0]
    assert not looped(30, 20, answer=" ".join([phrase] * 19))[0]


def test_scripts_without_spaces_and_endless_words() -> None:
    assert looped(3, 2, answer="世界人世界人") == (True, 1.0)
    assert looped(3, 2, answer="a" * 128) == (True, 1.0)


def test_no_text_no_verdict() -> None:
    rows = ({"answer": None}, {"answer": ""})
    found = computed(HEURISTIC, *rows).values
    assert found.rows() == [(None, None), (False, 0.0)]
    assert reasons(HEURISTIC, *rows) == ["there is no text", None]


@given(
    st.lists(st.lists(st.sampled_from("abc"), max_size=12), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(2, 4),
)
def test_it_finds_what_plain_counting_finds(
    texts: list[list[str]], words: int, repeats: int
) -> None:
    found = computed(
        HEURISTIC,
        *({"answer": " ".join(text)} for text in texts),
        loop_words=words,
        loop_repeats=repeats,
    ).values["loop_share"]
    for text, share in zip(texts, found, strict=True):
        runs = [tuple(text[at : at + words]) for at in range(len(text) - words + 1)]
        inside = {
            at + step
            for at, run in enumerate(runs)
            if runs.count(run) >= repeats
            for step in range(words)
        }
        assert share == pytest.approx(len(inside) / len(text) if text else 0)


def test_megabytes_are_fast() -> None:
    start = time.process_time()
    assert looped(30, 20, answer="a" * 5_000_000)[0]
    assert looped(30, 20, answer="no " * 1_000_000)[0]
    assert time.process_time() - start < 10
