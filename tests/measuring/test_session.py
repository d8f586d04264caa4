"""What a session begins with: the machine at rest, where there is something to read of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from stages.measuring import session
from stages.measuring.session import Terms, measuring
from tests.measuring.project import StageProject, unit
from tests.measuring.scripted import QuietTracer


class Tracers(list[QuietTracer]):
    """Begins tracers that say whether they can read energy, and keeps them."""

    def __init__(self, energy: bool) -> None:
        self._energy = energy

    def __call__(self, *arguments: Any) -> QuietTracer:
        self.append(QuietTracer(*arguments))
        self[-1].measures_energy = self._energy
        return self[-1]


@pytest.fixture
def tracers(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Tracers:
    tracers = Tracers(getattr(request, "param", True))
    monkeypatch.setattr(session, "Tracer", tracers)
    return tracers


US = {"watch": os.getpid(), "model": None, "role": "client"}


@pytest.mark.parametrize(
    ("tracers", "idle_s", "rests"),
    [(True, 3.0, [{"idle": 3.0}]), (True, 0.0, []), (False, 3.0, [])],
    indirect=["tracers"],
)
def test_the_machine_rests_first_where_its_energy_can_be_read(
    tmp_path: Path, tracers: Tracers, idle_s: float, rests: list[dict[str, Any]]
) -> None:
    with measuring(tmp_path, 50, idle_s, Terms("abacus", None, 60), {}) as begun:
        assert begun.tracer is tracers[0]
        assert tracers[0].told == [US, *rests]


@pytest.mark.parametrize("stage", ["generate", "sidebyside"])
def test_it_rests_as_long_as_the_plan_says_before_a_model_is_loaded(
    stage_project: StageProject, tracers: Tracers, stage: str
) -> None:
    getattr(stage_project, stage)(unit("p"), trace_idle_s=1.5)
    (tracer,) = tracers
    assert tracer.told[:2] == [US, {"idle": 1.5}]
    assert [told for told in tracer.told if "idle" in told] == [{"idle": 1.5}]
    assert any("follow" in told for told in tracer.told[2:])


def test_where_all_is_kept_nobody_waits(stage_project: StageProject, tracers: Tracers) -> None:
    for _ in range(2):
        stage_project.generate(unit("p"), trace_idle_s=1.5)
    assert len(tracers) == 1
