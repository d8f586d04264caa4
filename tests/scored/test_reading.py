from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stages.heuristics import relative_length, thinking_tokens
from stages.scored import reading
from stages.scored.reading import scored
from stages.transcript.transcripts import Transcript, Unreadable

USING = (thinking_tokens.HEURISTIC, relative_length.HEURISTIC)


def thought(line: int, tokens: int, **facts: str) -> Transcript:
    known = {"id": str(line), "model": "m"} | facts
    return Transcript(line, turns=("p",), thinking="t", answer="a", thinking_tokens=tokens, **known)  # type: ignore[arg-type]


def test_a_file_is_scored_as_a_whole_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ROWS", 2)
    found = [
        thought(1, 30, pair="5"),
        Unreadable(2, "bad"),
        thought(3, 30, pair="9"),
        Transcript(4, "4", (), None, "a"),
        thought(5, 20),
    ]
    skipped: list[Unreadable] = []
    counts: list[int] = []
    spooled = scored(found, tmp_path, USING, skipped.append, counts.append)
    values = pl.concat(result.values for result in spooled)
    assert values["line"].to_list() == [1, 3, 4, 5]
    assert values["id"].to_list() == ["1", "3", "4", "5"]
    assert values["named_model"].to_list() == ["m", "m", None, "m"]
    assert values["relative_length"].to_list() == [1.5, None, None, None]
    assert [one.line for one in skipped] == [2]
    assert counts == [2, 4]


def test_long_responses_make_small_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHARACTERS", 5)
    counts: list[int] = []
    scored([thought(n, 1) for n in range(4)], tmp_path, USING, print, counts.append)
    assert counts == [3, 4]


def test_responses_about_two_topics_make_small_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "TWO_TOPICS", reading.ROWS // 2)
    counts: list[int] = []
    found = [Transcript(n, str(n), ("p",), None, "a", topics=("tea", "tax")) for n in range(3)]
    scored(found, tmp_path, USING, print, counts.append)
    assert counts == [2, 3]


def test_an_id_that_comes_again_with_another_prompt(tmp_path: Path) -> None:
    found = [thought(1, 1, id="x"), Transcript(2, "x", ("q",), "t", "a", thinking_tokens=1)]
    spooled = scored(found, tmp_path, USING, print, print)
    assert pl.concat(one.values for one in spooled)["id"].to_list() == ["x", "x"]


def test_nothing_to_score(tmp_path: Path) -> None:
    assert scored([], tmp_path, USING, print, print).batches == ()
