from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from stages.heuristics.sentences import sentences


def cut(*texts: str) -> pl.DataFrame:
    frame = pl.DataFrame({"response_id": [f"r{n}" for n in range(len(texts))], "t": texts})
    return sentences(frame, "t")


def test_sentences_end_at_full_stops_and_lines() -> None:
    found = cut("It is 3.5 km. So what? Yes\n\n- first item\n- second")
    assert found["text"].to_list() == [
        "It is 3.5 km. ",
        "So what? ",
        "Yes",
        "- first item",
        "- second",
    ]
    assert found["line"].to_list() == [0, 0, 0, 2, 3]


def test_kinds_of_lines() -> None:
    lines = {
        "# Title": "heading",
        "**Both**": "heading",
        "**Both**: they are": "item",
        "- a": "item",
        "12) a": "item",
        "| a | b |": "table",
        "It is 5": "plain",
        "2012 was": "plain",
    }
    assert dict(zip(lines, cut("\n".join(lines))["kind"], strict=True)) == lines


def test_code_is_left_out() -> None:
    assert cut("a\n```py\nb\n```\nc\n```\nd")["text"].to_list() == ["a", "c"]


def test_each_text_has_its_own_offsets() -> None:
    found = cut("Aaa one. Bbb", "", "Ccc")
    assert found.select("response_id", "start", "end").rows() == [
        ("r0", 0, 9), ("r0", 9, 12), ("r2", 0, 3),
    ]  # fmt: skip


@given(st.text("aB.?! \n*`#|\x1fé👍", max_size=60))
def test_offsets_point_into_the_text(text: str) -> None:
    for start, end, said in cut(text).select("start", "end", "text").iter_rows():
        assert text[start:end].replace("\x1f", " ") == said
