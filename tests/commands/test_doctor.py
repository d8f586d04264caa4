from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

import pytest

from stages.commands import doctor
from tests.graph import ROOT


@pytest.fixture(autouse=True)
def no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")


def test_what_is_found_is_the_same_for_people_and_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "200")
    assert doctor.main(argparse.Namespace(json=True)) == 0
    findings = {f["name"]: f for f in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["embedded"]["state"] == "ok"
    assert findings["params.yaml"]["state"] == "ok"
    assert findings["ollama"]["state"] == "missing"
    assert findings["ollama"]["remedy"]
    assert {"cores and memory", "disk", "gpu", "process", "renderer"} <= findings.keys()
    doctor.main(argparse.Namespace(json=False))
    shown = capsys.readouterr().out
    for finding in findings.values():
        assert finding["name"] in shown
        assert finding["state"] in ("ok", "missing", "wrong")


def test_a_mistake_in_params_is_a_finding_and_a_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "params.yaml").write_text("models: {a.b: {}}\n")
    monkeypatch.chdir(tmp_path)
    assert doctor.main(argparse.Namespace(json=True)) == 2
    findings = json.loads(capsys.readouterr().out)["findings"]
    mistakes = [finding for finding in findings if finding["name"] == "params.yaml"]
    assert {finding["state"] for finding in mistakes} == {"wrong"}
    assert any("a.b" in finding["found"] for finding in mistakes)
    assert all(finding["found"].startswith("params.yaml:") for finding in mistakes)


def test_a_quarto_that_does_not_run_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "quarto").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "quarto").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert shutil.which("quarto") == str(tmp_path / "quarto")
    (finding,) = [f for f in doctor.examine() if f.name == "renderer"]
    assert finding.state == "wrong"
    assert finding.remedy
