"""Quarto is stood in for by a script: what is asked of it, and what is made of what it says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stages.errors import RunFailed
from stages.reporting import quarto

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "quarto"


def script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "version"),
    [("1.9.3", "1.9.3"), ("1.10.0-rc1", "1.10.0-rc1"), ("1.3.450", None), ("nonsense", None)],
)
def test_only_new_enough_ones_count(stand_in: Path, said: str, version: str | None) -> None:
    script(stand_in, f"echo {said}")
    assert quarto.version() == version


def test_without_the_command_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert quarto.version() is None


def test_both_formats_are_asked_for_with_this_python(stand_in: Path, tmp_path: Path) -> None:
    script(stand_in, 'echo "$@ $QUARTO_PYTHON" >> asked')
    quarto.render(tmp_path, dict(os.environ))
    assert (tmp_path / "asked").read_text().splitlines() == [
        f"render report.qmd --to {form} --no-execute-daemon {sys.executable}"
        for form in ("html", "typst")
    ]


@pytest.mark.parametrize("body", ["exit 1", "echo 'WARN: Unable to resolve crossref @x'"])
def test_what_quarto_cannot_do_fails(stand_in: Path, tmp_path: Path, body: str) -> None:
    script(stand_in, body)
    with pytest.raises(RunFailed, match="Quarto couldn't make the report"):
        quarto.render(tmp_path, dict(os.environ))


def test_warnings_are_passed_on(
    stand_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script(stand_in, "echo 'WARN: something'")
    quarto.render(tmp_path, dict(os.environ))
    assert "quarto: WARN: something" in capsys.readouterr().err
