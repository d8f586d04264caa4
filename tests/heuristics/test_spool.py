from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest

from stages.columns import Column
from stages.heuristics import relative_length, spool, thinking_tokens
from stages.heuristics.base import Batched, Heuristic, Result, no_notes, reasons
from stages.heuristics.scoring import score
from stages.heuristics.spool import Spool, levels
from stages.plans.score import ScorePlan
from tests.heuristics.table import SETTINGS, responses


def heuristic(
    name: str,
    value: pl.Expr,
    *needs: str,
    requires: tuple[str, ...] = (),
    scope: Literal["row", "group"] = "row",
) -> Heuristic:
    return Heuristic(
        name=name,
        columns=(Column(name, pl.Float64, "", "A number."),),
        needs=needs,
        source="",
        compute=lambda frame, _settings: Result(
            frame.select(value.cast(pl.Float64).alias(name)), no_notes()
        ),
        requires=requires,
        scope=scope,
    )


LENGTH = heuristic("length", pl.col("answer").str.len_chars(), "answer")
SHARE = heuristic(
    "share", pl.col("length") / pl.col("length").sum(), "length", requires=("length",),
    scope="group",
)  # fmt: skip
HALF = heuristic("half", pl.col("share") >= 0.5, "share", requires=("share",))
RANK = heuristic("rank", pl.col("half").rank(), "half", requires=("half",), scope="group")


def spooled(folder: Path, heuristics: list[Heuristic], *tables: pl.DataFrame) -> spool.Spooled:
    kept = Spool(folder, heuristics, SETTINGS, ("model",))
    for table in tables:
        kept.add(table)
    return kept.finish()


def test_levels() -> None:
    found = levels([LENGTH, SHARE, HALF, RANK])
    assert [[one.name for one in level] for level in found] == [
        ["length"],
        ["share", "half"],
        ["rank"],
    ]
    assert levels([]) == [[]]


def test_what_depends_on_all_responses_sees_all(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"answer": "a" * n, "model": "m"} for n in (5, 1, 2)]
    table = responses(*rows)
    found = spooled(tmp_path, [LENGTH, SHARE, HALF, RANK], table[:2], table[2:])
    values = pl.concat(result.values for result in found)
    assert values.columns == ["model", "response_id", "length", "share", "half", "rank"]
    assert values["response_id"].to_list() == ["r0", "r1", "r2"]
    assert values["share"].to_list() == [0.625, 0.125, 0.25]
    assert values["half"].to_list() == [1, 0, 0]
    assert values["rank"].to_list() == [3, 1.5, 1.5]
    assert found.values.collect().equals(values)


def test_batches_give_what_the_whole_gives(tmp_path: Path) -> None:
    thought = {"thinking": "t", "model": "m", "arm": "solo"}
    table = responses(
        thought | {"thinking_tokens": 50, "pair": "p2"},
        thought | {"thinking_tokens": 30, "pair": "p9"},
        thought | {"thinking_tokens": 20},
        thought | {"thinking_tokens": 5, "pair": "p2"},
    )
    using = [thinking_tokens.HEURISTIC, relative_length.HEURISTIC]
    assert relative_length.HEURISTIC.batched is not None
    whole = score(table, SETTINGS, using)
    assert whole.values["relative_length"].to_list() == [2.5, None, None, 0.25]
    found = list(spooled(tmp_path, using, *(table[at : at + 1] for at in range(4))))
    assert len(found) == 4
    assert pl.concat(one.values for one in found).drop("model").equals(whole.values)
    notes = pl.concat(one.notes for one in found)
    assert notes.sort("response_id", "heuristic").equals(
        whole.notes.sort("response_id", "heuristic")
    )


def test_the_notes_of_a_whole_go_with_their_rows(tmp_path: Path) -> None:
    def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
        values = frame.select(pl.col("answer").str.len_chars().cast(pl.Float64).alias("long"))
        return Result(values, reasons(frame, "long", pl.col("answer")))

    whole = replace(heuristic("long", pl.lit(0), "answer", scope="group"), compute=compute)
    table = responses({"answer": "a", "model": "m"}, {"answer": "bc", "model": "m"})
    found = list(spooled(tmp_path, [whole], table[:1], table[1:]))
    assert [one.values["long"].item() for one in found] == [1, 2]
    assert [one.notes["text"].item() for one in found] == ["a", "bc"]


def test_a_batch_of_too_much_text_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_LARGEST", 4)
    table = responses(*({"answer": "abc", "thinking": None, "model": "m"} for _ in range(4)))
    found = list(spooled(tmp_path, [LENGTH], table))
    assert [one.values.height for one in found] == [1, 1, 1, 1]


def test_texts_are_not_kept(tmp_path: Path) -> None:
    spooled(tmp_path, [LENGTH, SHARE], responses({"answer": "a secret", "model": "m"}))
    assert all(b"secret" not in path.read_bytes() for path in tmp_path.iterdir())


def test_no_responses(tmp_path: Path) -> None:
    assert list(spooled(tmp_path, [LENGTH, SHARE])) == []
    assert list(spooled(tmp_path, [LENGTH, SHARE], responses())) == []


def test_a_heuristic_of_a_group_may_gather_what_its_rows_need(tmp_path: Path) -> None:
    def judge(batch: pl.DataFrame, gathered: pl.DataFrame, _settings: ScorePlan) -> Result:
        most = gathered.item()
        return Result(batch.select((pl.col("length") / most).alias("relative")), no_notes())

    relative = Heuristic(
        name="relative",
        columns=(Column("relative", pl.Float64, "", "A number."),),
        needs=("length",),
        source="",
        compute=lambda *_: pytest.fail("it must not see all rows at once"),
        requires=("length",),
        scope="group",
        batched=Batched(lambda rows: rows.select(pl.col("length").max()), judge),
    )
    table = responses({"answer": "ab", "model": "m"}, {"answer": "abcd", "model": "m"})
    found = list(spooled(tmp_path, [LENGTH, relative], table[:1], table[1:]))
    assert [one.values["relative"].item() for one in found] == [0.5, 1.0]
