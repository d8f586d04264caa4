"""Room on the disk is looked for before a byte is asked for, and what is there needs none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.engines import ollama_space
from stages.engines.ollama_download import Layer
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_server import connect, http
from stages.engines.ollama_space import arrived, check_space, folders
from stages.engines.protocol import EngineError
from stages.plans.pull import PullPlan
from tests.engines.fault_server import FaultServer
from tests.engines.registry import Registry, digest

DIGEST = digest(b"weights")
MEGABYTE = 2**20


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        yield registry


def blob(folder: Path, size: int, suffix: str = "") -> None:
    path = folder / "blobs" / f"{DIGEST.replace(':', '-')}{suffix}"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(bytes(size))
        file.truncate(4 * MEGABYTE)  # the rest is a hole


def test_a_model_without_room_is_not_asked_for(
    server: FaultServer, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path))
    server.always("/api/tags", {"models": []})
    registry.publish("m:1b", {"model": b"weights", "config": b"{}"})
    huge = registry.manifests["m:1b"].replace(b'"size":7', b'"size":70000000000000000')
    registry.manifests["m:1b"] = huge
    tag = registry.tag("m:1b")
    plan = PullPlan(key="k", engine="ollama", ollama=tag, gguf=None, host=server.address)
    with pytest.raises(EngineError, match=f"needs 70000000.0 GB and 1 GB to spare in {tmp_path}"):
        pull_ollama(plan)
    assert server.asked("/api/pull") == []


def test_only_a_registry_on_loopback_is_pulled_from_without_tls(
    server: FaultServer, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    server.always("/api/tags", {"models": []})
    for tag in (registry.tag("m:1b"), "m:1b"):
        plan = PullPlan(key="k", engine="ollama", ollama=tag, gguf=None, host=server.address)
        with pytest.raises(EngineError, match="can't be pulled"):
            pull_ollama(plan)
    insecure, usual = server.asked("/api/pull")
    assert insecure["insecure"] is True and "insecure" not in usual


@pytest.mark.skipif(not hasattr(Path().stat(), "st_blocks"), reason="a system of other files")
def test_what_an_earlier_try_left_needs_no_room(tmp_path: Path) -> None:
    layer = Layer(DIGEST, 0, 4 * MEGABYTE)
    assert arrived(layer, [tmp_path]).done == 0
    blob(tmp_path / "half", 2 * MEGABYTE, "-partial")
    blob(tmp_path / "whole", 1)
    assert arrived(layer, [tmp_path, tmp_path / "half"]).done == pytest.approx(
        2 * MEGABYTE, rel=0.05
    )
    assert arrived(layer, [tmp_path / "whole"]).done == 4 * MEGABYTE


def test_a_folder_that_only_its_service_may_see_stops_nothing(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ollama_space, "_SERVICE", tmp_path)
    server.always("/api/tags", {"models": []})
    closed = tmp_path / ".ollama"
    inner = Path.stat

    def stat(path: Path, **options: bool) -> object:
        if closed in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return inner(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    models = closed / "models"
    assert models in folders(http(connect(server.address)))
    layer = Layer(DIGEST, 0, 10**18)
    check_space("m", [arrived(layer, [models])], [models])
    with pytest.raises(EngineError, match="m needs"):  # while it is downloaded all is known
        check_space("m", [layer], [models])
