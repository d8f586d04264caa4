"""Thinking as it is asked for, and as the model can: what is sent, and what the user is told."""

from __future__ import annotations

from typing import Any

import pytest

from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_thinking import thinking, unheeded
from stages.manifest import Manifest
from stages.plans.pull import PullPlan
from stages.plans.units import Asking
from stages.thinking import LEVELS
from tests.engines.dialects import show
from tests.engines.fault_server import FaultServer

NONE, SOME = ["completion"], ["completion", "thinking"]
ALL = [*SOME, LEVELS]


@pytest.mark.parametrize(
    ("capabilities", "asked", "sent", "said"),
    [
        (NONE, None, None, None),
        (NONE, False, False, None),
        (NONE, True, None, "think: true, but m can't think"),
        (NONE, "low", None, "think: low, but m can't think"),
        (SOME, None, None, None),
        (SOME, False, False, None),
        (SOME, True, True, None),
        (SOME, "high", True, "think: high, but m knows no levels: it is asked to think"),
        (ALL, True, True, None),
        (ALL, "high", "high", None),
    ],
)
def test_what_is_asked_is_what_the_model_can(
    manifest: Manifest, asking: Asking, capabilities: list[str], asked: Any, sent: Any, said: Any
) -> None:
    entry = manifest.model_copy(update={"ollama": "m", "capabilities": capabilities})
    wanted = asking.model_copy(update={"think": asked})
    assert thinking(entry, wanted) == sent
    found = unheeded(entry, wanted)
    assert (found or "").startswith(said or "") and (found is None) == (said is None)


@pytest.mark.parametrize(
    ("template", "capabilities", "levels"),
    [
        ("{{ if .Think }}<think>{{ end }}", SOME, False),
        ("reasoning: {{ .ThinkLevel }}", SOME, True),
        ("reasoning: {{ .ThinkLevel }}", NONE, False),
    ],
)
def test_levels_are_told_by_the_template(
    server: FaultServer,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    template: str,
    capabilities: list[str],
    levels: bool,
) -> None:
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path_factory.mktemp("home")))
    server.always("/api/show", show() | {"template": template, "capabilities": capabilities})
    plan = PullPlan(key="k", engine="ollama", ollama="m:1b", gguf=None, host=server.address)
    assert (LEVELS in pull_ollama(plan).capabilities) == levels
