"""How often, after which pauses and for which faults something is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import get_args

import pytest

from stages.engines.protocol import EngineError, Fault, Running
from stages.measuring import attempts
from stages.measuring.attempts import attempt, backoff_s
from stages.measuring.conversation import Asked


class Loaded:
    """Residents that say what was wanted of them."""

    def __init__(self, *refusals: EngineError) -> None:
        self.refusals = list(refusals)
        self.loads = 0
        self.dropped: list[str] = []

    def exactly(self, keys: Sequence[str]) -> dict[str, Running]:
        self.loads += 1
        if self.refusals:
            raise self.refusals.pop(0)
        return {}

    def drop(self, keys: Sequence[str]) -> None:
        self.dropped += keys


class Script:
    """Answers of one model or two: a fault for each, or null for a good answer; again and again."""

    def __init__(self, *rounds: Sequence[Fault | None]) -> None:
        self.rounds = rounds
        self.tries: list[int] = []

    def ask(self, running: object, tries: int) -> list[Asked]:
        self.tries.append(tries)
        faults = self.rounds[min(tries, len(self.rounds)) - 1]
        return [
            Asked("u", "w", {"model": model, "fault": fault, "reason": fault and f"it was {fault}"})
            for model, fault in zip("ab", faults, strict=False)
        ]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(attempts, "time", SimpleNamespace(sleep=pauses.append))
    return pauses


def asked(residents: Loaded, script: Script, retries: int) -> list[Fault | None]:
    responses = attempt(residents, ["a", "b"], retries, "a, b: p", script.ask)  # type: ignore[arg-type]
    return [response.record["fault"] for response in responses]


def test_a_good_answer_is_asked_for_once(pauses: list[float]) -> None:
    residents, script = Loaded(), Script([None, None])
    assert asked(residents, script, 3) == [None, None]
    assert (script.tries, pauses, residents.dropped) == ([1], [], [])


@pytest.mark.parametrize("fault", get_args(Fault))
def test_only_faults_that_pass_are_tried_again(pauses: list[float], fault: Fault) -> None:
    script = Script([fault])
    assert asked(Loaded(), script, 2) == [fault]
    assert len(script.tries) == (1 if fault in ("deadline", "rejected") else 3)
    assert len(pauses) == len(script.tries) - 1


def test_without_retries_the_first_fault_stays(pauses: list[float]) -> None:
    script = Script(["reset"])
    assert asked(Loaded(), script, 0) == ["reset"]
    assert (script.tries, pauses) == ([1], [])


def test_one_models_fault_has_all_asked_again_and_that_one_loaded_anew(
    pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    residents, script = Loaded(), Script([None, "stall"], [None, None])
    assert asked(residents, script, 2) == [None, None]
    assert (script.tries, residents.dropped, residents.loads) == ([1, 2], ["b"], 2)
    said = capsys.readouterr().err
    assert said == f"a, b: p: it was stall; asking again in {pauses[0]:.1f} s (try 2 of 3)\n"


def test_a_fault_that_another_try_cannot_mend_is_no_reason_beside_a_good_answer(
    pauses: list[float],
) -> None:
    assert asked(Loaded(), script := Script([None, "rejected"]), 2) == [None, "rejected"]
    assert script.tries == [1]


def test_a_server_that_asks_to_come_back_later_keeps_its_models(pauses: list[float]) -> None:
    residents = Loaded()
    asked(residents, Script(["busy", "reset"], [None, None]), 1)
    assert residents.dropped == ["b"]


def test_the_last_try_leaves_a_model_that_failed_unloaded_too(pauses: list[float]) -> None:
    residents = Loaded()
    asked(residents, Script(["garbage", None]), 1)
    assert residents.dropped == ["a", "a"]


def test_a_model_that_does_not_load_for_now_is_tried_again(pauses: list[float]) -> None:
    residents = Loaded(EngineError("nobody answers", "connection"))
    script = Script([None])
    assert asked(residents, script, 1) == [None]
    assert (residents.loads, script.tries, len(pauses)) == (2, [2], 1)


def test_a_model_that_never_loads_is_an_error_after_the_last_try(pauses: list[float]) -> None:
    residents = Loaded(*[EngineError(f"no {number}", "connection") for number in (1, 2, 3)])
    with pytest.raises(EngineError, match="no 2"):
        asked(residents, Script([None]), 1)
    assert (residents.loads, len(pauses)) == (2, 1)


def test_what_only_the_user_can_mend_is_not_waited_for(pauses: list[float]) -> None:
    residents = Loaded(EngineError("other weights"))
    with pytest.raises(EngineError, match="other weights"):
        asked(residents, Script([None]), 5)
    assert (residents.loads, pauses) == (1, [])


def test_pauses_grow_to_a_minute_and_half_of_them_is_chance() -> None:
    for fault, base in (("reset", 2.0), ("connection", 4.0), ("busy", 4.0)):
        for tries in range(1, 30):
            longest = base * 2 ** (tries - 1)
            drawn = [backoff_s(tries, fault) for _ in range(50)]  # type: ignore[arg-type]
            assert all(min(60, longest / 2) <= pause <= min(60, longest) for pause in drawn)
            if longest <= 60:
                assert max(drawn) - min(drawn) > longest / 8
