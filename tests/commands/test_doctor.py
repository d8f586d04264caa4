from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

import pytest

from stages.commands import doctor
from stages.sizing.capacity import Capacity
from tests.engines.fault_server import FaultServer
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
        assert finding["state"] in ("ok", "missing", "too large", "wrong")


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


def test_what_of_a_preset_does_not_fit_is_said_and_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(doctor, "capacity", lambda: Capacity(6_000_000_000, 0))
    assert doctor.main(argparse.Namespace(json=True)) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    small = {f["name"]: f for f in findings if f["name"].startswith("small")}
    assert {name: finding["state"] for name, finding in small.items()} == {
        "small": "too large",
        "small/deepseek-r1-1-5b": "ok",
        "small/deepseek-r1-7b": "ok",
        "small/test1": "too large",
    }
    assert small["small/test1"]["found"] == (
        "needs 7.0 GB in memory for 2 at once; models may take 6.0 GB of memory"
    )
    assert small["small"]["remedy"].endswith("take out of params.yaml what is too large: test1")


def test_models_of_a_server_elsewhere_are_not_judged_by_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OLLAMA_HOST", "no-such-host.invalid")
    found = {finding.name: finding for finding in doctor.examine()}
    assert found["small/test1"].state == "missing"
    assert found["small/test1"].found.endswith("Ollama runs on another machine")
    assert found["starter/test1"].state == "ok"


def test_the_names_that_a_server_gives_its_models_do_nothing_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FaultServer() as server:
        server.always("/api/tags", {"models": [{"model": "m\x1b[2J"}]})
        monkeypatch.setenv("OLLAMA_HOST", server.address)
        (finding,) = [finding for finding in doctor.examine() if finding.name == "ollama"]
    assert finding.found == "ollama 0.30.1, holds m [2J"
