from __future__ import annotations

from pathlib import Path

import pytest

from stages import pull
from stages.files import write_json
from stages.manifest import Manifest, Missing, read_manifest
from stages.plans.pull import PullPlan
from tests.conftest import WEIGHTS


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(**source: str) -> None:
    sources = dict.fromkeys(("ollama", "gguf", "host")) | source
    engine = "ollama" if source.get("ollama") else "embedded"
    made = PullPlan.model_validate({"key": "m", "engine": engine} | sources)
    write_json(Path("data/plan/pull/m.json"), made.model_dump())


def test_a_file_is_described_by_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    plan(gguf=WEIGHTS)
    pull.main(["m"])
    manifest = read_manifest("m")
    assert isinstance(manifest, Manifest)
    assert manifest.weights_digest.startswith("sha256:b179c9523d0e6a0f")
    assert manifest.template_hash is not None and len(manifest.template_hash) == 71
    assert (manifest.quantisation, manifest.license) == ("Q4_1", "apache-2.0")
    assert manifest.capabilities == ["completion"]
    assert "0.10 GB" in capsys.readouterr().out


def test_a_broken_file_is_an_entry_that_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.gguf").write_bytes(b"GGUF")
    plan(gguf="broken.gguf")
    pull.main(["m"])
    missing = read_manifest("m")
    assert isinstance(missing, Missing)
    assert "broken.gguf is no readable GGUF file" in missing.error
    assert "broken.gguf" in capsys.readouterr().err


def test_no_server_is_an_entry_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    plan(ollama="m:1b", host="127.0.0.1:9")
    pull.main(["m"])
    missing = read_manifest("m")
    assert isinstance(missing, Missing)
    assert "`ollama serve`" in missing.error
