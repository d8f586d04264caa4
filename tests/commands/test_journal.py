from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import ollama
import pytest

from stages.commands.journal import main
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_reach import SERVERS
from stages.errors import UserError
from stages.journal.journal import folder, open_journal
from stages.journal.lock import one_at_a_time
from stages.manifest import Manifest, write_manifest
from stages.plans.pull import PullPlan
from tests.engines.real import needs_ollama, own_ollama
from tests.engines.tiny import tiny_gguf
from tests.journal.entries import entry, write_session


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OVERTHINK_LOCKS", str(tmp_path / "locks"))
    write_session(folder() / "s1", entry("k1", model="big"), entry("k2", model="small"))
    write_session(folder() / "s2", entry("k3", model="small", test="pair"))


def journal(action: str, *names: str, models: bool = False) -> None:
    main(argparse.Namespace(action=action, names=list(names), models=models))


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


def test_models_are_only_cleared() -> None:
    with pytest.raises(UserError, match="--models goes with clear; `ollama list` lists models"):
        journal("list", models=True)


def test_a_server_that_is_gone_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("stages.engines.ollama_own.TOOLS", "nowhere")
    with pytest.raises(UserError) as raised:
        journal("clear", models=True)
    assert "no Ollama server answers at http://127.0.0.1:9" in str(raised.value)
    assert str(raised.value).isprintable()
    assert len(keys()) == 3


@pytest.fixture
def ollama_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manifest: Manifest
) -> Iterator[ollama.Client]:
    """A real server with the models of the keys a and b, made from files, and three others."""
    monkeypatch.chdir(tmp_path)
    with own_ollama(tmp_path / "home"):
        write_manifest(manifest)  # of an engine that Ollama has no part in
        for key in ("a", "b"):
            tiny_gguf(tmp_path / f"{key}.gguf", ord(key))
            plan = PullPlan(key=key, engine="ollama", ollama=None, gguf=f"{key}.gguf", host=None)
            write_manifest(pull_ollama(plan))
        client, _ = SERVERS.reach(None, tmp_path / "log")
        made = str(client.list().models[0].model)
        for name in ("mine", "overthink-mine", "overthink-0123456789ab"):
            client.copy(made, name)
        yield client


def names(client: ollama.Client) -> list[str]:
    return sorted(str(model.model).partition(":")[0] for model in client.list().models)


@needs_ollama
def test_exactly_the_models_made_from_files_are_removed(
    ollama_models: ollama.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    others = ["mine", "overthink-0123456789ab", "overthink-mine"]
    (a, b) = [name for name in names(ollama_models) if name not in others]
    journal("clear", "a", models=True)
    said = capsys.readouterr().out
    assert "1 model that was made from files removed from Ollama at http://127.0.0.1:" in said
    (left,) = set(names(ollama_models)) - set(others)
    assert left in (a, b) and left not in said
    journal("clear", models=True)
    assert names(ollama_models) == others
    journal("clear", models=True)
    assert "0 models that were made from files removed" in capsys.readouterr().out
    assert len(keys()) == 3  # no response is touched


@needs_ollama
def test_a_key_that_no_model_was_made_for_is_said(ollama_models: ollama.Client) -> None:
    with pytest.raises(UserError, match="no model in Ollama was made from a file for 'small'"):
        journal("clear", "small", models=True)
    assert len(names(ollama_models)) == 5
