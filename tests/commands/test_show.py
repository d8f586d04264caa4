from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from stages import query
from stages.commands.show import main, plain
from stages.errors import UserError
from tests.fixtures import build


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    query.main([])


def show(*models: str, prompt: str | None = None) -> None:
    main(argparse.Namespace(models=list(models), prompt=prompt))


def test_models_stand_side_by_side_thinking_first(
    results: None, capsys: pytest.CaptureFixture[str]
) -> None:
    show(prompt="topics")
    shown = capsys.readouterr().out
    assert "quick" in shown and "ponder" in shown
    assert "Thought for 4.0 s (prompted thinking)" in shown
    assert "(no thinking)" in shown
    assert "They have nothing to do" in shown


def test_only_what_is_asked_for(results: None, capsys: pytest.CaptureFixture[str]) -> None:
    show("quick", prompt="sum")
    shown = capsys.readouterr().out
    assert "ponder" not in shown and "topics" not in shown


def test_what_was_asked_again_to_compare_it_is_no_response_to_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build(tmp_path, served=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    query.main([])
    capsys.readouterr()
    show("ponder", prompt="sum")
    shown = capsys.readouterr().out
    assert shown.count(" · solo") == 2
    assert "fresh" not in shown and "warm" not in shown


def test_what_does_not_match_is_said_with_what_there_is(results: None) -> None:
    with pytest.raises(UserError, match=r"no response matches; models: .*quick.*prompts: .*sum"):
        show("nobody")


def test_no_results_yet_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="run `make repro` first"):
        show()


def test_a_terminal_takes_nothing_for_a_command() -> None:
    assert plain("a\x1b[2Jb\u202ec\rd\ne") == "a‹1b›[2Jb‹202e›c‹d›d\ne"
