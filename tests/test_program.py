from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages import program


def test_files_of_the_user_are_taken_for_no_module(tmp_path: Path) -> None:
    for name in ("json", "random", "stages"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the user')\n")
    overthink = Path(sys.executable).with_name("overthink")
    done = subprocess.run(
        [overthink, "trace", "--", "sh", "-c", "exit 3"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "of the user" in done.stderr) == (3, False), done.stderr


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(Path(program.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", "mine")
    monkeypatch.setenv("OTHER", "1")
    given = program.environment()
    assert given["PYTHONPATH"] == f"{home}{os.pathsep}mine"
    assert given["OTHER"] == "1"
    monkeypatch.delenv("PYTHONPATH")
    assert program.environment()["PYTHONPATH"] == home
