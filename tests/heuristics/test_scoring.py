from __future__ import annotations

import polars as pl

from stages.columns import schema
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score, score_columns
from stages.tables import NOTES
from tests.heuristics.table import SETTINGS, responses

ROWS = (
    {"thinking": "Wait, it is that.", "thinking_tokens": 10, "answer": "a b c", "answer_tokens": 5,
     "status": "ok", "topics": ["sun", "moon"], "truth": "unrelated"},
    {"answer": None, "status": "error"},
)  # fmt: skip


def test_every_column_is_there_and_every_null_explained() -> None:
    result = score(responses(*ROWS), SETTINGS, discover())
    assert result.values.schema == schema(score_columns(discover()))
    assert result.values["response_id"].to_list() == ["r0", "r1"]
    assert result.notes.schema == schema(NOTES)
    explained = {
        (note["response_id"], note["heuristic"])
        for note in result.notes.to_dicts()
        if note["kind"] == "reason"
    }
    for row in result.values.to_dicts():
        for column, value in row.items():
            if column != "response_id":
                assert (value is None) == ((row["response_id"], column) in explained), column


def test_batches_give_what_the_whole_gives() -> None:
    table = responses(*ROWS)
    whole = score(table, SETTINGS, discover()).values
    apart = [score(table[at : at + 1], SETTINGS, discover()).values for at in range(2)]
    assert pl.concat(apart).equals(whole)


def test_no_responses_no_scores() -> None:
    result = score(responses(), SETTINGS, discover())
    assert result.values.height == result.notes.height == 0


def test_the_facts_are_about_the_last_turn() -> None:
    table = responses({"topics": ["sun", "moon"], "turn": 2})
    assert table["topics"].to_list() == [None]
