from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.heuristics.topics import topic_patterns


def names(topic: str, other: str, text: str) -> bool:
    patterns = topic_patterns((topic, other))
    assert patterns is not None
    return bool(pl.DataFrame({"t": [text]}).select(pl.col("t").str.contains(patterns[0])).item())


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("Iceland's volcanoes", "volcanic ash"),
        ("Mount Kilimanjaro", "Kilimanjaro is high"),
        ("large language models", "An LLM writes; LLMs read"),
        ("K-pop", "Pop from Korea"),
        ("C", "written in C"),
        ("haiku", "many haikus"),
    ],
)
def test_what_names_a_topic(topic: str, text: str) -> None:
    assert names(topic, "zebras", text)


@pytest.mark.parametrize(
    ("topic", "text"),
    [("war", "a warm day"), ("the art of cooking", "the end of it"), ("C", "chance")],
)
def test_what_does_not(topic: str, text: str) -> None:
    assert not names(topic, "zebras", text)


def test_a_word_that_both_have_names_neither() -> None:
    assert not names("Irish potato blight", "Irish emigration", "the Irish coast")
    assert names("Irish potato blight", "Irish emigration", "the potato")


def test_topics_without_words_of_their_own() -> None:
    assert topic_patterns(("∑", "zebras")) is None
    assert topic_patterns(("war", "War")) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_topic_makes_a_valid_pattern(first: str, second: str) -> None:
    patterns = topic_patterns((first, second))
    for pattern in patterns or ():
        pl.DataFrame({"t": ["x"]}).select(pl.col("t").str.contains(pattern))


def test_a_number_at_the_end_of_initials() -> None:
    first, _ = topic_patterns(("World War II", "penicillin")) or ("", "")
    said = pl.Series(["WWII", "WW2", "world", "WWI"])
    assert said.str.contains(first).to_list() == [True, True, True, False]
