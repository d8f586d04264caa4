from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from stages.commands import doctor
from stages.engines.ollama_own import free_port
from stages.sizing.capacity import Capacity
from stages.sizing.remark import available
from tests.engines import stand_in
from tests.engines.fault_server import FaultServer, Reply
from tests.graph import ROOT
from tests.projects import WEIGHTS

GB = 1_000_000_000


@pytest.fixture(autouse=True)
def no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    """None answers, and none is installed."""
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    monkeypatch.setattr("stages.engines.ollama_reach.installed", lambda: None)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed ollama."""
    path = stand_in.install(tmp_path / "bin")
    monkeypatch.setattr("stages.engines.ollama_reach.installed", lambda: path)
    return path


def findings() -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.examine()}


def list_models(folder: Path, models: dict[str, Any], **more: Any) -> None:
    """A params.yaml of these models."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    changed = params | {"models": models, "sidebyside": {}} | more
    (folder / "params.yaml").write_text(yaml.safe_dump(changed))


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


SMALL = ["qwen3-0-6b", "deepseek-r1-1-5b", "deepseek-r1-7b", "test1"]
MACHINES = {
    "8 GB": (
        Capacity(6_100_000_000, 0),
        [],
        {"7b", "8b", "14b", "32b", "70b", "llama", "test1", "test2"},
    ),
    "16 GB": (Capacity(14 * GB, 0), [], {"32b", "70b", "llama", "test1", "test2"}),
    # What the GPU can't hold of one model stays in memory, 73.8 GB in all; several must fit on it.
    "64 GB and a GPU of 12": (Capacity(63 * GB, 10_800_000_000), [], {"test1", "test2"}),
    "4 GB": (
        Capacity(2_500_000_000, 0),
        ["qwen3-0-6b", "deepseek-r1-7b", "test1"],
        {"7b", "8b", "14b", "32b", "70b", "llama", "test1", "test2"},
    ),
}
ORIGINAL = {
    "1.5b": "deepseek-r1-1-5b",
    "7b": "deepseek-r1-7b",
    "8b": "deepseek-r1-8b",
    "14b": "deepseek-r1-14b",
    "32b": "deepseek-r1-32b",
    "70b": "deepseek-r1-70b",
    "llama": "llama3-3-70b",
    "test1": "test1",
    "test2": "test2",
}


@pytest.mark.parametrize("machine", MACHINES)
def test_what_of_a_preset_fits_a_machine(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    room, small, original = MACHINES[machine]
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(doctor, "capacity", lambda: room)
    monkeypatch.setattr(doctor, "usable_cores", lambda: 6)
    found = findings()
    assert {name for name in SMALL if found[f"small/{name}"].state == "too large"} == set(small)
    too_large = {
        name for name, key in ORIGINAL.items() if found[f"original/{key}"].state == "too large"
    }
    assert too_large == original
    for finding in found.values():
        if finding.state == "too large" and "/" in finding.name:
            several = f"; several may take {available(room.together_bytes)} of "
            assert f"; models may take {room}" in finding.found or several in finding.found


def test_what_of_a_preset_does_not_fit_is_said_and_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(doctor, "capacity", lambda: Capacity(5_350_000_000, 0))
    monkeypatch.setattr(doctor, "usable_cores", lambda: 2)
    assert doctor.main(argparse.Namespace(json=True)) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    small = {f["name"]: f for f in found if f["name"].startswith("small")}
    assert {name: finding["state"] for name, finding in small.items()} == {
        "small": "too large",
        "small/qwen3-0-6b": "ok",
        "small/deepseek-r1-1-5b": "ok",
        "small/deepseek-r1-7b": "too large",
        "small/test1": "too large",
    }
    assert small["small/test1"]["found"] == (
        "needs 5.4 GB in memory for 2 at once; several may take 5.3 GB of memory"
    )
    assert small["small"]["remedy"].endswith(
        "take out of params.yaml what is too large: deepseek-r1-7b, test1"
    )


def test_models_of_a_server_elsewhere_are_not_judged_by_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OLLAMA_HOST", "no-such-host.invalid")
    found = findings()
    assert found["small/test1"].state == "missing"
    assert found["small/test1"].found.endswith("Ollama runs on another machine")
    assert found["starter/test1"].state == "ok"


def test_the_names_that_a_server_gives_its_models_do_nothing_to_the_terminal(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.always("/api/tags", {"models": [{"model": "m\x1b[2J"}]})
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    assert findings()["ollama"].found == "ollama 0.30.1, holds m [2J"


def test_an_ollama_that_is_installed_and_does_not_run_is_no_fault(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    list_models(tmp_path, {"a": {"ollama": "m:1b"}})
    before = psutil.Process().children()
    found = findings()
    address = f"http://{os.environ['OLLAMA_HOST']}"
    assert (found["ollama"].state, found["ollama"].remedy) == ("ok", None)
    assert found["ollama"].found == (
        f"ollama 0.24.0 is installed; none runs at {address}, a run starts it"
    )
    assert (found["a"].state, found["a"].remedy) == ("missing", None)
    assert "m:1b may be in Ollama: can't be known until it runs; a run starts" in found["a"].found
    assert psutil.Process().children() == before  # nothing was started to know that
    program.write_text(program.read_text().replace("0.24.0", "0.5.13"))
    old = findings()
    assert old["ollama"].found == (
        "the installed ollama is too old: found ollama 0.5.13, 0.12.11 is needed"
    )
    assert old["ollama"].remedy == "update it from https://ollama.com/download"
    assert old["a"].state == "wrong"


def test_models_by_tag_are_looked_for_in_ollama(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    server.always("/api/tags", {"models": [{"model": "m:1b"}, {"model": "n:latest"}]})
    list_models(tmp_path, {"m": {"ollama": "m:1b"}, "n": {"ollama": "n"}, "o": {"ollama": "o"}})
    found = findings()
    assert (found["m"].state, found["n"].state) == ("ok", "ok")
    assert found["o"].state == "missing"
    assert found["o"].found == "o isn't in Ollama yet; a run downloads it"


def test_where_no_ollama_is_its_models_and_files_given_to_it_are_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    models = {"m": {"ollama": "m:1b"}, "file": {"gguf": WEIGHTS}}
    list_models(tmp_path, models, engine="ollama")
    found = list(doctor.examine())
    assert [finding.state for finding in found if finding.name == "file"] == ["ok", "wrong"]
    (wrong,) = [finding for finding in found if finding.name == "m"]
    assert wrong.found == "m:1b needs ollama, which can't be used (see there)"
    assert wrong.remedy == "see to ollama, or take the model out of params.yaml"
    (ollama,) = [finding for finding in found if finding.name == "ollama"]
    assert ollama.found.startswith("no Ollama server answers at http://127.0.0.1:")
    assert "https://ollama.com/download" in str(ollama.remedy)
    list_models(tmp_path, models)
    assert [finding.state for finding in doctor.examine() if finding.name == "file"] == ["ok"]


SSH = Reply(b"SSH-2.0-x\r\n", raw=True, then="close")
OLD = Reply(b'{"version": "0.5.13"}')


@pytest.mark.parametrize(
    ("reply", "said", "remedy"),
    [
        (OLD, "is too old: found version 0.5.13, 0.12.11 or later is needed", "update it from"),
        (SSH, "doesn't say its version", "see that it is Ollama that listens there, or name"),
        (Reply(b'{"version": 5}'), "is no Ollama server", "name the address of one"),
    ],
)
def test_a_server_that_can_not_be_used_is_one_line_with_the_remedy(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, reply: Reply, said: str, remedy: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    server.always("/api/version", reply)
    found = findings()["ollama"]
    assert found.state == "missing"
    assert server.address in found.found and said in found.found
    assert remedy in str(found.remedy)
    assert found.found.isprintable()


def test_a_list_of_models_that_is_none_is_said(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    server.always("/api/tags", {"models": 5})
    found = findings()["ollama"]
    assert found.found.startswith(f"the server at {server.address} doesn't list its models")
    assert found.remedy == "restart it with `ollama serve`"


def test_a_server_on_another_machine_is_said_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "no-such-host.invalid")
    found = findings()["ollama"]
    assert "no Ollama server answers at http://no-such-host.invalid:11434" in found.found
    assert str(found.remedy).startswith("start Ollama there")


def test_what_is_no_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://a:b")
    found = findings()["ollama"]
    assert (found.state, found.remedy) == ("missing", "correct the address")
    assert "is no address of an Ollama server" in found.found


def test_each_host_that_models_name_answers_once(
    tmp_path: Path, server: FaultServer, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gone = f"http://127.0.0.1:{free_port()}"
    there = {"ollama": "m:1b", "host": server.address}
    models = {
        "a": there,
        "b": there | {"options": {"temperature": 0}},
        "c": {"ollama": "m:1b", "host": gone},
    }
    list_models(tmp_path, models)
    names = [finding.name for finding in doctor.examine() if finding.room == "engine"]
    found = findings()
    assert sorted(names) == sorted(
        ["embedded", "ollama", f"ollama at {server.address}", f"ollama at {gone}"]
    )
    assert found[f"ollama at {server.address}"].found == "ollama 0.30.1, holds m:1b"
    assert (found["a"].state, found["b"].state, found["c"].state) == ("ok", "ok", "wrong")
    # Where a host is named, a run starts none.
    assert found[f"ollama at {gone}"].state == "missing"
    assert found[f"ollama at {gone}"].remedy == (
        "start Ollama there, or correct `host` in params.yaml"
    )
