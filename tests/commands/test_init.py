from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from stages.commands.init import main
from stages.engines.ollama_own import free_port
from stages.errors import UserError
from tests.engines import stand_in
from tests.engines.fault_server import FaultServer, Reply
from tests.graph import ROOT
from tests.installed.models import GB, entry, serve, shown
from tests.projects import copy_project


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets/starter.yaml").write_text("a: 1\n")
    (tmp_path / "presets/small.yaml").write_text("a: 2\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(preset: str, force: bool = False) -> None:
    main(argparse.Namespace(preset=preset, installed=False, force=force))


def test_there_is_one_source_at_a_time() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stages.cli", "init", "--installed", "--preset", "small"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "not allowed with" in done.stderr


def test_a_preset_replaces_another_preset(folder: Path) -> None:
    init("starter")
    init("small")
    assert (folder / "params.yaml").read_text() == "a: 2\n"


def test_an_edited_file_is_kept_unless_forced(folder: Path) -> None:
    (folder / "params.yaml").write_text("a: 3\n")
    with pytest.raises(UserError, match="has been edited and would be lost"):
        init("small")
    assert (folder / "params.yaml").read_text() == "a: 3\n"
    init("small", force=True)
    assert (folder / "params.yaml").read_text() == "a: 2\n"


def test_an_unknown_preset_is_said_with_those_that_there_are() -> None:
    with pytest.raises(UserError, match="no preset 'big'; there are small, starter"):
        init("big")


def test_the_wrong_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="run it in the project's folder"):
        init("starter")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def installed(
    root: Path, address: str, *more: str, path: str = ""
) -> subprocess.CompletedProcess[str]:
    """``overthink init --installed`` as a user runs it, in a project of its own.

    Nothing is installed but what is on ``path``.
    """
    return subprocess.run(
        [sys.executable, "-m", "stages.cli", "init", "--installed", *more],
        cwd=root,
        env=os.environ | {"OLLAMA_HOST": address, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_installed_models_become_a_file_that_plan_takes(
    tmp_path: Path, server: FaultServer
) -> None:
    project = copy_project(tmp_path / "project")
    thinker = entry("r1.x:7b-q4", 2_000_000)
    serve(
        server,
        (thinker, shown("a")),
        (entry('odd "tag":\n- x'), None),
        (entry("embed:1b"), shown("b", capabilities=["embedding"])),
        (entry("huge:1t", 2**49), shown("c")),
        (entry("phi:3b", 1_000_000), shown("d", capabilities=["completion"])),
    )
    done = installed(project.root, server.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert project.params()["models"] == {
        "phi-3b": {
            "ollama": "phi:3b",
            "think": False,
            "options": {"num_ctx": 4096, "num_predict": 3072},
        },
        "r1-x-7b": {"ollama": "r1.x:7b-q4", "think": True},
    }
    assert project.params()["sidebyside"]["test1"]["models"] == ["r1-x-7b", "phi-3b"]
    assert "params.yaml now has phi-3b, r1-x-7b\nside by side: r1-x-7b, phi-3b\n" in done.stdout
    assert "left out: embed:1b: it doesn't answer in text" in done.stdout
    assert "left out: huge:1t: it needs 562950.3 GB of memory" in done.stdout
    assert 'left out: odd "tag": - x: its name' in done.stdout
    project.run(sys.executable, "-m", "stages.plan", "--check")


def test_an_edited_file_is_kept_from_the_installed_models_too(
    folder: Path, server: FaultServer
) -> None:
    shutil.copy(ROOT / "presets/small.yaml", folder / "presets")
    (folder / "params.yaml").write_text("mine: 1\n")
    for force in ((), ("--force",), ()):
        serve(server, (entry("m:1b", 7), shown()))
        done = installed(folder, server.address, *force)
        held = (folder / "params.yaml").read_text()
        if not force and "mine" in held:
            assert done.returncode == 2
            assert "has been edited and would be lost" in done.stderr
        else:  # forced, or the same again
            assert done.returncode == 0
            assert list(yaml.safe_load(held)["models"]) == ["m-1b"]


def test_no_server_and_no_model_are_one_line_with_the_remedy(
    folder: Path, server: FaultServer
) -> None:
    shutil.copy(ROOT / "presets/small.yaml", folder / "presets")
    nowhere = f"127.0.0.1:{free_port()}"
    none = installed(folder, nowhere)
    assert f"error: init: no Ollama server answers at http://{nowhere} " in none.stderr
    assert "ollama serve" in none.stderr
    server.always("/api/tags", {"models": []})
    empty = installed(folder, server.address)
    assert empty.stderr == (
        f"error: init: the Ollama at {server.address} holds no model that can be asked here; start "
        "the one that holds yours, or get one, such as `ollama pull deepseek-r1:1.5b`, and run "
        "this again; or take a preset, whose models a run downloads: `overthink init --preset "
        "small`\n"
    )
    serve(server, (entry("m:1b", 900 * 1000 * GB), shown()))
    large = installed(folder, server.address)
    assert "(m:1b: it needs 900000.3 GB of memory, and models may take " in large.stderr
    for done in (none, empty, large):
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert not (folder / "params.yaml").exists()


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for ollama is a script")
def test_where_none_runs_the_installed_one_is_started_for_the_moment(folder: Path) -> None:
    shutil.copy(ROOT / "presets/small.yaml", folder / "presets")
    port = free_port()
    stand_in.install(folder / "bin")
    done = installed(folder, f"127.0.0.1:{port}", path=f"{folder}/bin:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert list(yaml.safe_load((folder / "params.yaml").read_text())["models"]) == ["m-1b"]
    (line,) = done.stderr.splitlines()
    assert f"nobody answers at http://127.0.0.1:{port}; started {folder}/bin/ollama" in line
    assert (folder / ".overthink/ollama.log").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0  # and it is stopped


def test_an_address_where_something_else_listens_is_said(folder: Path, server: FaultServer) -> None:
    shutil.copy(ROOT / "presets/small.yaml", folder / "presets")
    server.always("/api/version", Reply(b"SSH-2.0-x\r\n", raw=True, then="close"))
    done = installed(folder, server.address)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: init: the server at {server.address} doesn't say its version")
    assert "see that it is Ollama that listens there" in line
