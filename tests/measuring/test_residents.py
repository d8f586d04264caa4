"""Which models are loaded, watched and unloaded, and when a model is given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.engines.protocol import EngineError
from stages.journal.session_log import Beginning, SessionLog
from stages.manifest import Manifest, Missing
from stages.measuring import residents as module
from stages.measuring.residents import GIVE_UP, Residents
from stages.measuring.session import Measuring, Terms
from stages.plans.units import Limits
from stages.trace.followed import Followed
from stages.trace.session import Session
from tests.measuring.project import asking
from tests.measuring.scripted import QuietTracer, ScriptedEngine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    engine = ScriptedEngine()
    monkeypatch.setattr(module, "engine_for", lambda _: engine)
    return engine


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Measuring]:
    units = SessionLog(tmp_path / "j" / "s", Beginning(session={}, environment={}))
    with QuietTracer(tmp_path / "trace", 50, Session.begin()) as tracer:
        yield Measuring("s", tracer, tmp_path / "engine.log", units, Terms("abacus", None, 60))
    units.close()


class Roster:
    """The models ``a``, ``b`` and ``c``, the last of which couldn't be pulled."""

    def __init__(self, session: Measuring, manifest: Manifest, retries: int = 0) -> None:
        manifests: dict[str, Manifest | Missing] = dict.fromkeys("ab", manifest)
        manifests["c"] = Missing(key="c", engine="embedded", error="no file")
        limits = Limits(timeout_s=60, stall_s=30, retries=retries)
        self.residents = Residents([asking(key) for key in "abc"], manifests, limits, session)


@pytest.fixture
def residents(
    engine: ScriptedEngine, session: Measuring, manifest: Manifest
) -> Iterator[Residents]:
    with Roster(session, manifest).residents as residents:
        yield residents


def told(session: Measuring) -> list[dict[str, Any]]:
    assert isinstance(session.tracer, QuietTracer)
    return session.tracer.told


def test_exactly_these_are_loaded_and_no_other(
    residents: Residents, engine: ScriptedEngine
) -> None:
    assert list(residents.exactly(["a"])) == ["a"]
    both = residents.exactly(["a", "b"])
    assert (engine.loads, engine.unloads) == (["a", "b"], [])
    assert residents.exactly(["b"]) == {"b": both["b"]}
    assert (engine.loads, engine.unloads) == (["a", "b"], ["a"])


def test_every_model_has_the_threads_that_it_has_side_by_side(residents: Residents) -> None:
    alone = residents.exactly(["a"])["a"].options
    together = residents.exactly(["a", "b"])["b"].options
    assert alone["num_thread"] == together["num_thread"] == 3


def test_all_are_unloaded_in_the_end_also_after_an_error(
    engine: ScriptedEngine, session: Measuring, manifest: Manifest
) -> None:
    with pytest.raises(RuntimeError), Roster(session, manifest).residents as residents:
        residents.exactly(["a", "b"])
        raise RuntimeError
    assert sorted(engine.unloads) == ["a", "b"]


def test_what_is_dropped_is_loaded_anew_and_what_is_not_loaded_is_no_matter(
    residents: Residents, engine: ScriptedEngine
) -> None:
    first = residents.exactly(["a", "b"])
    residents.drop(["b", "b", "c"])
    assert engine.unloads == ["b"]
    second = residents.exactly(["a", "b"])
    assert engine.loads == ["a", "b", "b"]
    assert second["a"] is first["a"] and second["b"] is not first["b"]


def test_a_models_processes_are_traced_until_a_reading_after_its_last_answer(
    residents: Residents, engine: ScriptedEngine, session: Measuring
) -> None:
    engine.followed = {"a": Followed("mark", 7, "http://x", ("a:latest",))}
    residents.exactly(["a"])
    residents.exactly(["a"])
    residents.drop(["a"])
    settle = {"settle": True}
    watch = {"watch": 7, "model": None, "role": "server"}
    follow = {"follow": "a", "mark": "mark", "below": 7, "server": "http://x"}
    follow |= {"names": ("a:latest",)}
    assert told(session) == [watch, follow, settle, settle, {"unfollow": "a"}]


def test_a_model_whose_processes_are_out_of_sight_says_why_once(
    residents: Residents,
    engine: ScriptedEngine,
    session: Measuring,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine.unseen = {"a": "it runs in a container", "b": "it runs in a container"}
    residents.exactly(["a", "b"])
    assert capsys.readouterr().err == "a: it runs in a container\n"
    noted = (tmp_path / "trace/parent.log").read_text()
    assert noted.count("lane_missing") == 2
    assert '"process","b",null,"it runs in a container"' in noted


def test_each_question_is_prepared_for_with_the_names_of_all_that_are_asked(
    residents: Residents, engine: ScriptedEngine
) -> None:
    residents.exactly(["a"])
    residents.exactly(["a"])
    residents.exactly(["a", "b"])
    assert engine.prepared == [
        ("a", ["a"]),
        ("a", ["a"]),
        ("a", ["a", "b"]),
        ("b", ["a", "b"]),
    ]


def test_models_whose_server_cannot_be_prepared_are_loaded_anew_the_next_time(
    residents: Residents, engine: ScriptedEngine
) -> None:
    residents.exactly(["a", "b"])
    engine.unprepared = [EngineError("started anew", "reset")]
    with pytest.raises(EngineError, match="started anew"):
        residents.exactly(["a", "b"])
    assert sorted(engine.unloads) == ["a", "b"]
    residents.exactly(["a", "b"])
    assert engine.loads == ["a", "b", "a", "b"]


def test_a_model_that_could_not_be_had_costs_no_load_of_the_others(
    residents: Residents, engine: ScriptedEngine
) -> None:
    with pytest.raises(EngineError, match="c couldn't be had: no file") as error:
        residents.exactly(["a", "c"])
    assert error.value.fault is None
    assert engine.loads == []


def test_what_only_the_user_can_mend_is_not_tried_twice(
    residents: Residents, engine: ScriptedEngine
) -> None:
    engine.refusals = [EngineError("other weights")]
    for _ in range(3):
        with pytest.raises(EngineError, match="other weights") as error:
            residents.exactly(["a"])
        assert error.value.fault is None
    assert engine.loads == ["a"]
    assert list(residents.exactly(["b"])) == ["b"]


@pytest.mark.parametrize("retries", [0, 2])
def test_a_model_that_never_loads_is_given_up_after_so_many_units(
    engine: ScriptedEngine, session: Measuring, manifest: Manifest, retries: int
) -> None:
    most = GIVE_UP * (1 + retries)
    engine.refusals = [EngineError("nobody answers", "connection") for _ in range(100)]
    with Roster(session, manifest, retries).residents as residents:
        faults = []
        for _ in range(most + 2):
            with pytest.raises(EngineError, match="nobody answers") as error:
                residents.exactly(["a"])
            faults.append(error.value.fault)
    assert faults == ["connection"] * most + [None] * 2
    assert len(engine.loads) == most


def test_failures_count_only_in_a_row(
    engine: ScriptedEngine, session: Measuring, manifest: Manifest
) -> None:
    with Roster(session, manifest).residents as residents:
        for _ in range(2):
            engine.refusals = [EngineError("down", "connection") for _ in range(GIVE_UP - 1)]
            for _ in range(GIVE_UP - 1):
                with pytest.raises(EngineError):
                    residents.exactly(["a"])
            residents.exactly(["a"])
            residents.drop(["a"])


def test_one_that_fails_leaves_the_others_loaded_for_the_next_try(
    residents: Residents, engine: ScriptedEngine
) -> None:
    residents.exactly(["a"])
    engine.refusals = [EngineError("down", "connection")]
    with pytest.raises(EngineError):
        residents.exactly(["a", "b"])
    assert list(residents.exactly(["a", "b"])) == ["a", "b"]
    assert (engine.loads, engine.unloads) == (["a", "b", "b"], [])
