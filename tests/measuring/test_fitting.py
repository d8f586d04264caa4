"""What keeps a roster from being in memory together, known before its test starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.engines.protocol import EngineError, Serving
from stages.manifest import Manifest, Missing
from stages.measuring import fitting
from stages.measuring.fitting import obstacles, twins
from stages.sizing.need import Shape
from tests.measuring.project import asking
from tests.measuring.scripted import ScriptedEngine

GB = 10**9
SHAPE = Shape(layers=1, heads=1, kv_heads=1, key_length=1, value_length=1)
SERVING = Serving("scripted 1", {})
ELSEWHERE = Serving("scripted 1", {}, place="http://there")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    engine = ScriptedEngine()
    monkeypatch.setattr(fitting, "engine_for", lambda _: engine)
    monkeypatch.setattr(fitting, "free_bytes", lambda: 5 * GB)
    return engine


def entry(base: Manifest, key: str, gb: int = 1, **facts: object) -> Manifest:
    """A model in Ollama of so many GB (and 0.2 GB for its runner, as ``need_bytes`` has it)."""
    known = {"key": key, "engine": "ollama", "weights_digest": key, "host": None, "shape": SHAPE}
    return base.model_copy(update=known | {"size_bytes": gb * GB} | facts)


def found(*entries: Manifest | Missing, serving: Serving | None = SERVING) -> list[str]:
    manifests = {one.key: one for one in entries}
    roster = [asking(one.key) for one in entries]
    return list(obstacles(roster, manifests, dict.fromkeys(manifests, serving), Path("log")))


def test_one_file_of_weights_is_one_process_in_ollama(manifest: Manifest) -> None:
    same = {"weights_digest": "sha256:" + "ab" * 32}
    a, b = entry(manifest, "a", **same), entry(manifest, "b", **same)
    reason = twins({"a": a, "b": b})
    assert reason and reason.startswith("a and b are the same weights (sha256:abababababab…)")
    assert twins({"a": a, "b": entry(manifest, "b")}) is None
    assert twins({"a": a, "b": entry(manifest, "b", host="other", **same)}) is None
    assert twins({"a": a, "b": entry(manifest, "b", engine="embedded", **same)}) is None
    assert twins({"a": a, "b": Missing(key="b", engine="ollama", error="gone")}) is None


def test_what_fits_has_no_obstacle_and_its_servers_are_emptied_first(
    engine: ScriptedEngine, manifest: Manifest
) -> None:
    engine.most = 2
    assert found(entry(manifest, "a", 2), entry(manifest, "b", 2)) == []
    assert engine.cleared == 1  # one server for both
    found(entry(manifest, "a"), entry(manifest, "b", host="other"))
    assert engine.cleared == 3


def test_a_servers_limit_is_said_with_its_remedy(
    engine: ScriptedEngine, manifest: Manifest
) -> None:
    engine.most = 1
    (said,) = found(entry(manifest, "a"), entry(manifest, "b"))
    assert said.startswith(
        "http://127.0.0.1:11434 keeps 1 of 2 models in memory at once: they will take turns"
    )
    assert "OLLAMA_MAX_LOADED_MODELS=2" in said


def test_more_than_is_free_is_said_with_both_figures(
    engine: ScriptedEngine, manifest: Manifest
) -> None:
    (said,) = found(entry(manifest, "a", 2), entry(manifest, "b", 3))
    # 2 + 3 GB of weights, 0.2 GB for each runner, and a few kB of context, rounded up
    assert "need about 5.5 GB of memory together, and 5.0 GB are free" in said
    assert "take turns, or swap" in said


def test_nothing_is_said_of_memory_that_is_unknown_or_another_machines(
    engine: ScriptedEngine, manifest: Manifest
) -> None:
    huge = entry(manifest, "a", 90), entry(manifest, "b", 90)
    assert found(*huge, serving=ELSEWHERE) == []
    assert found(*huge, serving=None) == []
    assert found(entry(manifest, "a", 90, shape=None), huge[1]) == []
    assert found(Missing(key="c", engine="ollama", error="gone")) == []


def test_a_server_that_is_down_is_left_to_whoever_loads(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down(ScriptedEngine):
        def clear(self, log: Path) -> int | None:
            raise EngineError("nobody answers", "connection")

    monkeypatch.setattr(fitting, "engine_for", lambda _: Down())
    monkeypatch.setattr(fitting, "free_bytes", lambda: 5 * GB)
    assert found(entry(manifest, "a"), entry(manifest, "b")) == []
