from __future__ import annotations

from pathlib import Path

import pytest

from stages.errors import UserError
from stages.home import home


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OVERTHINK_HOME", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)


def test_it_lies_in_the_project_also_from_a_copy_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home() == tmp_path / ".overthink"
    monkeypatch.setenv("DVC_ROOT", "/the/project")
    assert home() == Path("/the/project/.overthink")


@pytest.mark.parametrize(
    ("chosen", "place"),
    [("keep", "/the/project/keep"), ("/far/away", "/far/away"), ("~/keep", "/me/keep")],
)
def test_the_users_choice_is_kept_wherever_a_stage_runs(
    chosen: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", "/the/project")
    monkeypatch.setenv("HOME", "/me")
    monkeypatch.setenv("OVERTHINK_HOME", chosen)
    assert home() == Path(place)


@pytest.mark.parametrize("chosen", ["~nobody-of-that-name/x", "a\udcff"])
def test_what_can_be_no_folder_is_said(chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTHINK_HOME", chosen)
    with pytest.raises(UserError, match="OVERTHINK_HOME"):
        home()
