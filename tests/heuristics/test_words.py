from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages.heuristics.words import WORD, spans, words_of

PIECES = [
    "a", "ab", " ", "  ", "\n", "\t", "\r\n", "\u3000", "\u00a0", "\x85", "\x1c", "\0", "é", "世",
    "世界人", "ab世c", "ก", "x" * 33, "ñ" * 70, "θ" * 64 + "z",
]  # fmt: skip
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), max_size=4)


def matched(text: str) -> list[str]:
    found: list[str] = pl.Series([text]).str.extract_all(WORD)[0].to_list()
    return found


@given(TEXTS)
@example(["a\0 a"])
def test_words_are_the_matches_of_the_pattern(texts: list[str]) -> None:
    words = words_of(pl.Series(texts, dtype=pl.String))
    expected = [matched(text) for text in texts]
    assert words.counts.tolist() == [len(own) for own in expected]
    known = [word for own in expected for word in own]
    assert len(words.hashes) == len(known)
    by_word: dict[str, int] = {}
    for word, number in zip(known, words.hashes.tolist(), strict=True):
        assert by_word.setdefault(word, number) == number
    assert len(set(by_word.values())) == len(by_word)


@given(TEXTS, st.data())
def test_a_span_is_what_stands_between_two_words(texts: list[str], data: st.DataObject) -> None:
    known = [(text, matched(text)) for text in texts if matched(text)]
    first = [data.draw(st.integers(0, len(words) - 1)) for _, words in known]
    last = [
        data.draw(st.integers(at, len(words) - 1))
        for at, (_, words) in zip(first, known, strict=True)
    ]
    words = words_of(pl.Series(["x", *(text for text, _ in known)], dtype=pl.String))
    starts, ends = spans(
        words,
        np.arange(1, len(known) + 1),
        np.array(first, dtype=np.int64),
        np.array(last, dtype=np.int64),
    )
    for (text, said), one, other, start, end in zip(known, first, last, starts, ends, strict=True):
        assert matched(text[start:end]) == said[one : other + 1]
        assert len(matched(text[:start])) == one


def test_spans_in_the_head() -> None:
    words = words_of(pl.Series(["ab  cd\nef", "世界 x"]))
    starts, ends = spans(words, np.array([0, 1]), np.array([1, 1]), np.array([2, 2]))
    assert (starts.tolist(), ends.tolist()) == ([4, 1], [9, 4])


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_no_word(text: str) -> None:
    assert words_of(pl.Series([text])).counts.tolist() == [0]
