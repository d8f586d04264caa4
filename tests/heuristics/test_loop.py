from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.heuristics import loop
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


def evidence(*rows: dict[str, Any], words: int, repeats: int) -> list[tuple[str, str, str]]:
    found = computed(HEURISTIC, *rows, loop_words=words, loop_repeats=repeats).notes.to_dicts()
    notes = [note for note in found if note["kind"] == "evidence"]
    for note in notes:
        row = rows[int(note["response_id"].removeprefix("r"))]
        assert row[note["part"]][note["start"] : note["end"]] == note["text"]
    return [(note["response_id"], note["part"], note["text"]) for note in notes]


def test_the_evidence_is_the_first_run_that_repeats() -> None:
    rows = (
        {"answer": "x a\nb  c y a b c"},
        {"thinking": "é 世界 é 世界", "answer": "a b a b"},
        {"answer": "a b c"},
        {"thinking": "a b", "answer": "世 a b a b"},
    )
    assert evidence(*rows, words=2, repeats=2) == [
        ("r1", "thinking", "é 世"),
        ("r0", "answer", "a\nb"),
        ("r3", "answer", "a b"),
    ]


def test_evidence_is_never_endless() -> None:
    (found,) = evidence({"answer": ("a" + " " * 700 + "b ") * 4}, words=4, repeats=2)
    assert len(found[2]) == 1_000


def test_texts_that_are_judged_in_several_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_SLICE", 10)
    rows = [{"thinking": "a b " * n, "answer": "c d"} for n in range(1, 9)]
    found = computed(HEURISTIC, *rows, loop_words=2, loop_repeats=2).values["loop"].to_list()
    assert found == [False] + [True] * 7


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
