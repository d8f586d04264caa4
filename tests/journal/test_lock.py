"""Never two at once: with real processes, one of which is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.journal.lock import holder, machine_folder, one_at_a_time

HOLD = """
import sys, time
from stages.errors import UserError
from stages.journal.lock import one_at_a_time
with one_at_a_time(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTHINK_LOCKS", str(tmp_path / "locks"))
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))


@pytest.fixture
def hold() -> Iterator[object]:
    started: list[subprocess.Popen[str]] = []

    def start(name: str, **places: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | places,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def held(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "held\n"


def test_the_second_waits_says_for_whom_and_goes_on_when_the_first_is_killed(hold) -> None:  # type: ignore[no-untyped-def]
    first = hold("generate one")
    assert held(first)
    second = hold("generate two")
    waiting = said(second)
    assert "generate two: waiting for `generate one`" in waiting
    assert f"process {first.pid}" in waiting
    first.send_signal(signal.SIGKILL)
    assert held(second)


def test_another_project_of_this_machine_waits_too(hold, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert held(hold("generate one"))
    other = hold("generate two", OVERTHINK_HOME=str(tmp_path / "other"))
    assert "waiting for `generate one`" in said(other)


def test_a_shared_journal_is_waited_for_from_anywhere(hold, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert held(hold("generate one"))
    (tmp_path / "else").mkdir()
    other = hold("generate two", OVERTHINK_LOCKS=str(tmp_path / "else"))
    assert "waiting for `generate one`" in said(other)


def test_who_holds_it_is_known_without_waiting(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with one_at_a_time("generate one"):
        assert "`generate one`" in str(holder(home))
        assert "`generate one`" in str(holder(machine_folder()))
    assert holder(home) is None


def test_a_signature_that_is_spoilt_is_no_obstacle(tmp_path: Path) -> None:
    with one_at_a_time("x"):
        (tmp_path / "home/measuring.json").write_text("[1")
        assert "whoever holds" in str(holder(tmp_path / "home"))


@pytest.mark.skipif(os.name != "posix", reason="owners of POSIX")
@pytest.mark.parametrize("place", ["link", "open"])
def test_a_folder_that_others_can_write_to_is_not_trusted(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    monkeypatch.delenv("OVERTHINK_LOCKS")
    monkeypatch.setattr("stages.journal.lock.machine_folder", lambda: tmp_path / place)
    with pytest.raises(UserError, match="only this user can write to"), one_at_a_time("x"):
        pass


def test_the_lock_of_the_machine_has_one_place_whatever_the_shell_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OVERTHINK_LOCKS")
    before = machine_folder()
    for name in ("TMPDIR", "LOGNAME", "USER", "HOME"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setattr("tempfile.tempdir", None)
    assert machine_folder() == before
