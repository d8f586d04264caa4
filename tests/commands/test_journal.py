from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from stages.commands.journal import main
from stages.errors import UserError
from stages.journal.journal import folder, open_journal
from stages.journal.lock import one_at_a_time
from tests.journal.entries import entry, write_session


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OVERTHINK_LOCKS", str(tmp_path / "locks"))
    write_session(folder() / "s1", entry("k1", model="big"), entry("k2", model="small"))
    write_session(folder() / "s2", entry("k3", model="small", test="pair"))


def journal(action: str, *names: str) -> None:
    main(argparse.Namespace(action=action, names=list(names)))


def keys() -> list[str]:
    return [
        held.head.key for session in open_journal(folder()).sessions for held in session.entries
    ]


def test_list_says_what_is_kept_of_whom(capsys: pytest.CaptureFixture[str]) -> None:
    journal("list")
    shown = capsys.readouterr().out
    assert "big" in shown and "pair" in shown
    assert "2026-01-02 03:04" in shown
    assert "3 finished entries of 2 sessions" in shown
    journal("list", "pair")
    assert "big" not in capsys.readouterr().out


def test_clear_forgets_models_and_tests_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    journal("clear", "big")
    assert "1 response is forgotten" in capsys.readouterr().out
    assert keys() == ["k2", "k3"]
    journal("clear", "pair")
    assert keys() == ["k2"]
    assert not (folder() / "s2").exists()


def test_clear_without_a_name_forgets_everything() -> None:
    journal("clear")
    assert keys() == []
    assert list(folder().iterdir()) == []


def test_what_is_left_of_a_file_still_reads(capsys: pytest.CaptureFixture[str]) -> None:
    journal("clear", "big")
    (held,) = open_journal(folder()).entries("k2")
    assert held.read()[0].stream.text == ["hi", "!"]
    assert capsys.readouterr().err == ""


def test_an_unknown_name_is_said_with_the_nearest() -> None:
    for action in ("list", "clear"):
        with pytest.raises(UserError, match=r"nothing is kept of 'bif'.*big"):
            journal(action, "bif")
    assert len(keys()) == 3


def test_nothing_is_cleared_under_a_running_stage() -> None:
    with one_at_a_time("generate big"), pytest.raises(UserError, match="not while `generate big`"):
        journal("clear")
    assert len(keys()) == 3


def test_an_empty_journal_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    journal("clear")
    journal("list")
    assert "0 finished entries" in capsys.readouterr().out
