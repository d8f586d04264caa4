"""`overthink init --installed` and a real Ollama server, which holds three models of the user's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_reach import SERVERS
from stages.engines.weights import locate
from stages.plans.pull import PullPlan
from stages.sizing.need import Shape, need_bytes
from stages.sizing.presets import sizes_in
from stages.sizing.remark import needed
from tests.conftest import WEIGHTS
from tests.engines.real import PROGRAM, THINKING, needs_ollama, other_weights, own_ollama
from tests.projects import Project, copy_project

pytestmark = [pytest.mark.model, needs_ollama]

GB = 1_000_000_000
SMOLLM2 = Shape(layers=30, heads=9, kv_heads=3, key_length=64, value_length=64)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server that holds a plain model, one that thinks, a second name, and a run's own."""
    with own_ollama(tmp_path_factory.mktemp("ollama")) as home:
        plan = PullPlan(key="m", engine="ollama", ollama=None, gguf=WEIGHTS, host=None)
        ours = pull_ollama(plan).ollama
        client, _ = SERVERS.reach(None, home / "ollama.log")
        client.create("plain:135m-instruct-q4_1", from_=ours)
        digest = client.create_blob(other_weights(home / "other.gguf", 3))
        client.create("team/r1.x:135m-q4_1", files={"o.gguf": digest}, template=THINKING)
        client.copy("team/r1.x:135m-q4_1", "r1")
        yield home


def init(project: Project) -> subprocess.CompletedProcess[str]:
    assert PROGRAM is not None
    return subprocess.run(
        [sys.executable, "-m", "stages.cli", "init", "--installed"],
        cwd=project.root,
        env=os.environ | {"PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_installed_models_become_a_file_and_a_server_is_started_for_it_where_none_runs(
    home: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project")
    done = init(project)
    assert (done.returncode, done.stderr) == (0, "")
    assert project.params()["models"] == {
        "plain-135m": {
            "ollama": "plain:135m-instruct-q4_1",
            "think": False,
            "options": {"num_ctx": 4096, "num_predict": 3072},
        },
        # It thinks, and its own context is no larger.
        "r1-x-135m": {
            "ollama": "team/r1.x:135m-q4_1",
            "think": True,
            "options": {"num_ctx": 8192, "num_predict": 6144},
        },
    }
    assert project.params()["sidebyside"]["test1"]["models"] == ["r1-x-135m", "plain-135m"]
    assert "left out: r1:latest: another name of team/r1.x:135m-q4_1\n" in done.stdout
    assert "left out: overthink-b179c9523d0e:latest: a run made it from a GGUF file" in done.stdout
    weights = locate(WEIGHTS).stat().st_size
    remarked = {key: size for key, size in sizes_in(project.root / "params.yaml").items() if size}
    for key, window in (("plain-135m", 4096), ("r1-x-135m", 8192)):
        need = need_bytes(weights, SMOLLM2, window)
        assert f"{remarked[key].memory_bytes / GB} GB" == needed(need), key
    text = (project.root / "params.yaml").read_text("utf-8")
    assert "thinks; its context is no larger" in " ".join(text.replace("#", " ").split())
    project.run(sys.executable, "-m", "stages.plan", "--check")

    SERVERS.stop()
    again = init(project)
    assert again.returncode == 0, again.stderr
    (line,) = again.stderr.splitlines()
    assert f"started {PROGRAM} at http://" in line
    assert again.stdout == done.stdout
    assert (project.root / "params.yaml").read_text("utf-8") == text
    host, _, port = os.environ["OLLAMA_HOST"].partition(":")
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0  # and it is stopped
