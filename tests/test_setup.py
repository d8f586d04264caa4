"""The first minute on a machine that lacks something: one line each, with the remedy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graph import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the script is for POSIX shells")

TOOLS = ("sh", "awk", "cat", "cut", "df", "dirname", "git", "grep", "mkdir", "tail", "rm", "sync")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone's files that the script reads, and a PATH of its own in bin/."""
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    (root / "bin").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", root / "scripts")
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    for tool in TOOLS:
        place(root, tool, shutil.which(tool) or tool)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def place(root: Path, name: str, target: str) -> None:
    (root / "bin" / name).unlink(missing_ok=True)
    (root / "bin" / name).symlink_to(target)


def fake(root: Path, name: str, script: str) -> None:
    (root / "bin" / name).unlink(missing_ok=True)
    (root / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
    (root / "bin" / name).chmod(0o755)


def setup(root: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["/bin/sh", "scripts/setup.sh"],
        cwd=root,
        env={"PATH": str(root / "bin"), "HOME": str(root)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr


def one_line(status: int, message: str) -> str:
    assert status == 2
    assert len(message.strip().splitlines()) == 1, message
    return message


def test_no_git(checkout: Path) -> None:
    (checkout / "bin/git").unlink()
    assert "git is missing; install it" in one_line(*setup(checkout))


def test_no_repository(checkout: Path) -> None:
    shutil.rmtree(checkout / ".git")
    message = one_line(*setup(checkout, GIT_CEILING_DIRECTORIES=str(checkout.parent)))
    assert "no git repository" in message


def test_too_little_disk(checkout: Path) -> None:
    fake(checkout, "df", "echo head; echo dev 9999999 0 1024000 0% /")
    assert "1000 MB of disk are free here, 2000 MB are needed" in one_line(*setup(checkout))


def test_no_python(checkout: Path) -> None:
    assert "Python 3.11 or later is needed, found none" in one_line(*setup(checkout))


def test_python_too_old(checkout: Path) -> None:
    fake(checkout, "python3", 'case "$2" in *platform*) echo 3.9.2;; *) exit 1;; esac')
    assert "Python 3.11 or later is needed, found 3.9.2" in one_line(*setup(checkout))


def test_no_venv_module(checkout: Path) -> None:
    script = f'case "$2" in *ensurepip*) exit 1;; esac; exec "{sys.executable}" "$@"'
    fake(checkout, "python3", script)
    assert "has no venv module; install it" in one_line(*setup(checkout))


def test_no_network(checkout: Path) -> None:
    place(checkout, "python3", sys.executable)
    nowhere = "http://127.0.0.1:9/simple"
    status, message = setup(
        checkout, PIP_INDEX_URL=nowhere, PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull
    )
    assert "packages can't be downloaded" in one_line(status, message)
    assert "run this again" in message


def test_no_network_with_uv(checkout: Path) -> None:
    fake(checkout, "uv", "echo 'error: Failed to fetch: dns error' >&2; exit 2")
    message = one_line(*setup(checkout))
    assert "can't be installed (error: Failed to fetch: dns error)" in message


def test_nothing_to_do_costs_nothing(checkout: Path) -> None:
    fake(checkout, "uv", "mkdir -p .venv; echo called >>called")
    for _ in range(2):
        assert setup(checkout) == (0, "")
    assert (checkout / "called").read_text() == "called\n"
    (checkout / "uv.lock").touch()
    setup(checkout)
    assert (checkout / "called").read_text() == "called\ncalled\n"


def test_a_moved_folder_is_set_up_again(checkout: Path) -> None:
    fake(checkout, "uv", "mkdir -p .venv; echo called >>called")
    setup(checkout)
    moved = checkout.rename(checkout.with_name("moved"))
    setup(moved)
    assert (moved / "called").read_text() == "called\ncalled\n"
