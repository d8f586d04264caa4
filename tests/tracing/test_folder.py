from __future__ import annotations

from pathlib import Path

import pytest

from stages.errors import UserError
from stages.tracing.folder import cut_off, folder, scratch
from tests.tracing.traces import run


def test_a_folder_of_its_own_is_removed() -> None:
    with folder(None) as place:
        scratch(place).mkdir()
        (scratch(place) / "x").touch()
    assert not place.exists()


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_folder_is_kept(tmp_path: Path, there: bool) -> None:
    chosen = tmp_path / "a" / "b"
    if there:
        chosen.mkdir(parents=True)
    with folder(chosen) as place:
        (place / "table").touch()
    assert (chosen / "table").exists()


def test_what_was_recorded_survives_a_fault_and_what_was_not_does_not(tmp_path: Path) -> None:
    for recorded in (False, True):
        with pytest.raises(KeyboardInterrupt), folder(tmp_path) as place:
            scratch(place).mkdir()
            if recorded:
                run().write(scratch(place))
            raise KeyboardInterrupt
        assert scratch(tmp_path).exists() == recorded
    assert cut_off(tmp_path) == run()


def test_a_damaged_run_is_said(tmp_path: Path) -> None:
    scratch(tmp_path).mkdir()
    for text in ("", "{}", '{"usage": 3}'):
        (scratch(tmp_path) / "run.json").write_text(text)
        with pytest.raises(UserError, match="is damaged"):
            cut_off(tmp_path)
