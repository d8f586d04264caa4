"""`make ollama`: built once a user, and one line with the remedy where it can't be."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.graph import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the script is for POSIX shells")

TOOLS = (
    "awk",
    "cat",
    "chmod",
    "cp",
    "cut",
    "dirname",
    "grep",
    "ln",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "tail",
)
# A Go that builds a program of three lines, and counts how often; a compiler that has every header.
GO = """
case "$1 $2" in
    "env CC"|"env CXX") echo cc;;
    "env GOARCH") echo amd64;;
    *) echo built >>"$HOME/builds"; printf '#!/bin/sh\\nexit 0\\n' >"$GOBIN/ollama"
       chmod 755 "$GOBIN/ollama";;
esac
"""
# A pip that "downloads" a package's source.
PYTHON = """
while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
[ -z "$dest" ] || : >"$dest/miniaudio-1.71.tar.gz"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's home, and in bin/ the only programs that there are."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    for name, script in {"go": GO, "cc": "", "python3": PYTHON, "tar": ""}.items():
        fake(tmp_path, name, script)
    return tmp_path


def fake(home: Path, name: str, script: str) -> None:
    (home / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
    (home / "bin" / name).chmod(0o755)


def clone(home: Path, name: str) -> Path:
    """A fresh clone, as far as the script needs it."""
    root = home / name
    (root / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/ollama.sh", root / "scripts")
    return root


def make_ollama(home: Path, root: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["/bin/sh", "scripts/ollama.sh"],
        cwd=root,
        env={"PATH": str(home / "bin"), "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_is_built_once_for_every_clone(home: Path) -> None:
    first, second = clone(home, "one"), clone(home, "two")
    for root in (first, second, second):
        status, said = make_ollama(home, root)
        assert status == 0, said
        assert ".tools/ollama is there" in said
        assert os.access(root / ".tools/ollama", os.X_OK)
    assert (home / "builds").read_text() == "built\n"
    kept = home / ".cache/overthink/ollama-0.24.0"
    assert [path.name for path in kept.iterdir()] == ["ollama"]  # and no half of one
    shutil.rmtree(first)
    assert (kept / "ollama").stat().st_size > 0


def test_what_does_not_run_here_is_built_anew(home: Path) -> None:
    kept = home / ".cache/overthink/ollama-0.24.0/ollama"
    kept.parent.mkdir(parents=True)
    kept.write_text("#!/bin/sh\nexit 132\n")  # an illegal instruction
    kept.chmod(0o755)
    assert make_ollama(home, clone(home, "one"))[0] == 0
    assert (home / "builds").read_text() == "built\n"
    assert kept.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_cache_that_cannot_be_written_is_no_must(home: Path) -> None:
    (home / ".cache").write_text("a file")
    status, said = make_ollama(home, clone(home, "one"))
    assert status == 0 and ".tools/ollama is there" in said
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
    ("lacking", "script", "said"),
    [
        ("go", "exit 127", None),
        ("cc", "exit 1", "the header nlohmann/json.hpp is missing; install it"),
        ("python3", "exit 1", "pip is missing; install it"),
    ],
)
def test_what_is_missing_is_one_line(
    home: Path, lacking: str, script: str, said: str | None
) -> None:
    fake(home, lacking, script)
    if said is None:
        (home / "bin" / lacking).unlink()
        said = "go is missing; install Go 1.21 or later"
    status, message = make_ollama(home, clone(home, "one"))
    assert status == 2
    assert len(message.splitlines()) == 1 and said in message
