"""A whole roster at once: at the same time, turn by turn, and kept whole or not at all."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from stages.engines.protocol import Outcome, Request
from stages.journal.journal import Entry, open_journal
from stages.measuring import attempts
from stages.plans.units import Limits
from tests.measuring.project import StageProject, unit
from tests.measuring.scripted import OK, Reply

GONE = Outcome("error", "gone", "reset")


@pytest.fixture
def project(stage_project: StageProject, monkeypatch: pytest.MonkeyPatch) -> StageProject:
    stage_project.without_sampler()
    monkeypatch.setattr(attempts, "time", SimpleNamespace(sleep=lambda _: None))
    return stage_project


def retrying(retries: int) -> Limits:
    return Limits(timeout_s=60, stall_s=30, retries=retries)


def entries() -> list[Entry]:
    journal = open_journal(Path(".overthink/journal"))
    return [entry for session in journal.sessions for entry in session.entries]


def rosters() -> list[Entry]:
    return [entry for entry in entries() if entry.head.responses[0].arm == "together"]


def beside() -> bool:
    """Whether this is an ask of a whole roster, which has a thread for each model."""
    return threading.current_thread() is not threading.main_thread()


def test_together_is_at_the_same_time_and_alone_is_with_nothing_else_loaded(
    project: StageProject,
) -> None:
    engine, door = project.engine, threading.Barrier(2)
    loaded: list[tuple[bool, list[str]]] = []

    def reply(key: str, request: Request) -> Reply:
        loaded.append((beside(), sorted(Counter(engine.loads) - Counter(engine.unloads))))
        if beside():
            door.wait(20)  # an error if the other one isn't asked meanwhile
        return ["x"], OK

    engine.reply = reply
    project.sidebyside(unit("p"))
    both = (True, ["a", "b"])
    assert sorted(loaded) == [(False, ["a"]), (False, ["b"]), both, both]


def test_no_model_begins_a_turn_before_all_have_ended_the_last(project: StageProject) -> None:
    def reply(key: str, request: Request) -> Reply:
        if key == "a" and len(request.messages) == 1:
            threading.Event().wait(0.1)
        return ["x"], OK

    project.engine.reply = reply
    records = project.sidebyside(unit("talk", "one", "two")).filter(pl.col("arm") == "together")
    first, second = (records.filter(pl.col("turn") == turn) for turn in (1, 2))
    assert (first.height, second.height) == (2, 2)
    assert first["end_ns"].max() <= second["request_ns"].min()  # type: ignore[operator]


def failing(key: str, times: int, outcome: Outcome = GONE) -> Any:
    """Replies of which this model's first ones, asked together with another, fail."""
    left = [times]
    asked: Counter[str] = Counter()
    lock = threading.Lock()

    def reply(asker: str, request: Request) -> Reply:
        with lock:
            asked[asker] += 1
            if asker == key and beside():
                left[0] -= 1
                if left[0] >= 0:
                    return ["par"], outcome
        return [f"{asker} {asked[asker]}"], OK

    return reply


def test_after_one_models_passing_fault_all_are_asked_again_and_kept_once(
    project: StageProject,
) -> None:
    project.engine.reply = failing("b", 1)
    records = project.sidebyside(unit("p"), limits=retrying(2))
    assert records["stop"].unique().to_list() == ["stop"]
    assert records.filter(pl.col("arm") == "together")["tries"].to_list() == [2, 2]
    assert Counter(key for key, _ in project.engine.asked) == {"a": 3, "b": 3}
    (roster,) = rosters()
    assert roster.head.finished and len(roster.head.responses) == 2


def test_a_lasting_fault_gives_rows_for_all_and_only_that_block_is_asked_again(
    project: StageProject,
) -> None:
    project.engine.reply = failing("b", 2)
    records = project.sidebyside(unit("p"), unit("q"), limits=retrying(1))
    failed = records.filter(pl.col("stop") == "error")
    (row,) = failed.rows(named=True)
    assert (row["model"], row["arm"], row["reason"], row["tries"]) == ("b", "together", "gone", 2)
    block = records.filter(
        (pl.col("prompt_id") == row["prompt_id"]) & (pl.col("arm") == "together")
    )
    assert block.select("model", "stop", "tries").rows() == [("a", "stop", 2), ("b", "error", 2)]
    stream = pl.read_parquet("data/sidebyside/t/stream.parquet")
    assert stream.filter(pl.col("response_id") == row["response_id"])["text"].to_list() == ["par"]
    assert sorted(entry.head.finished for entry in rosters()) == [False, True]

    before = project.asked
    again = project.sidebyside(unit("p"), unit("q"), limits=retrying(1))
    assert project.asked == before + 2
    new = again.filter(~pl.col("reused"))
    assert new.select("prompt_id", "arm", "model", "stop").rows() == [
        (row["prompt_id"], "together", key, "stop") for key in ("a", "b")
    ]


def test_a_turn_that_had_all_its_time_is_not_waited_for_again(project: StageProject) -> None:
    project.engine.reply = failing("b", 1, Outcome("timeout", "late", "deadline"))
    talk = unit("talk", "one", "two")
    records = project.sidebyside(talk, limits=retrying(3))
    together = records.filter(pl.col("arm") == "together")
    assert together.select("model", "turn", "stop").rows() == [
        ("a", 1, "stop"),
        ("a", 2, "stop"),
        ("b", 1, "timeout"),
        ("b", 2, "refused"),
    ]
    before = project.asked
    again = project.sidebyside(talk, limits=retrying(3))
    assert (project.asked, again["reused"].all()) == (before, True)
    more = retrying(0).model_copy(update={"timeout_s": 61})
    assert project.sidebyside(talk, limits=more)["stop"].unique().to_list() == ["stop"]


def test_an_interruption_in_the_midst_of_a_block_keeps_none_of_it(
    project: StageProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(key: str, request: Request) -> Reply:
        if key == "b" and beside():
            raise KeyboardInterrupt
        return ["fine"], OK

    project.engine.reply = reply
    with pytest.raises(KeyboardInterrupt):
        project.sidebyside(unit("p"))
    kept = entries()
    assert all(entry.head.responses[0].arm == "alone" for entry in kept)
    assert f"{len(kept)} of 4 responses are kept" in capsys.readouterr().err
    assert not Path("data/sidebyside/t").exists()
    assert sorted(project.engine.loads) == sorted(project.engine.unloads)

    project.engine.reply = lambda *_: (["fine"], OK)
    records = project.sidebyside(unit("p"))
    assert records["reused"].sum() == len(kept)
    assert len(rosters()) == 1


def test_what_breaks_in_a_thread_is_seen_and_does_not_hang(project: StageProject) -> None:
    def reply(key: str, request: Request) -> Reply:
        if key == "b" and beside():
            raise ZeroDivisionError("a bug")
        return ["fine"], OK

    project.engine.reply = reply
    with pytest.raises(ZeroDivisionError, match="a bug"):
        project.sidebyside(unit("talk", "one", "two"))


@pytest.mark.parametrize(
    ("held", "turns"), [(["a", "b"], False), (["a"], True), (["b", "z"], True), (None, False)]
)
def test_models_that_are_not_all_in_memory_are_said_to_take_turns(
    project: StageProject,
    capsys: pytest.CaptureFixture[str],
    held: list[str] | None,
    turns: bool,
) -> None:
    project.engine.held = lambda: held
    records = project.sidebyside(unit("p"), unit("q"))
    assert records["stop"].unique().to_list() == ["stop"]
    said = capsys.readouterr().err
    assert said.count("a, b took turns: they weren't all in memory at once") == int(turns)
    assert said.count("`overthink journal clear t && dvc repro --force sidebyside@t`") == int(turns)


@pytest.mark.parametrize(("held", "patient"), [(["a", "b"], False), (["a"], True)])
def test_one_that_has_to_wait_for_another_is_given_its_time(
    project: StageProject, held: list[str], patient: bool
) -> None:
    project.engine.held = lambda: held
    together: list[bool] = []

    def reply(key: str, request: Request) -> Reply:
        if beside():
            together.append(request.patient)
        else:
            assert not request.patient
        return ["x"], OK

    project.engine.reply = reply
    project.sidebyside(unit("p"))
    assert together == [patient, patient]
