from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from stages.commands.init import main
from stages.errors import UserError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets/starter.yaml").write_text("a: 1\n")
    (tmp_path / "presets/small.yaml").write_text("a: 2\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(preset: str, force: bool = False) -> None:
    main(argparse.Namespace(preset=preset, force=force))


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
