from __future__ import annotations

import io
from pathlib import Path

import pytest

from stages.scored import progress
from stages.scored.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def half_read(tmp_path: Path) -> io.BufferedReader:
    (tmp_path / "file").write_bytes(b"x" * 100)
    file = (tmp_path / "file").open("rb")
    file.read(50)
    return file


def test_a_log_hears_of_a_long_file_once_a_minute(
    tmp_path: Path, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with half_read(tmp_path) as file, Progress(file) as shown:
        for now in (1, 59, 61, 62):
            clock[0] = now
            shown.read(1000 * now)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.replace("\u00a0", " ") == (
        "score: 61,000 responses, 50 % of the file, 61 s left\n"
    )


def test_a_terminal_has_one_line_that_goes_away(
    tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    with half_read(tmp_path) as file, Progress(file) as shown:
        clock[0] = 1
        shown.read(7)
        assert "score: 7 responses, 50 % of the file" in terminal.getvalue()
        assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_of_a_pipe_nobody_knows_what_is_left(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = Progress(io.BytesIO(b"x"))
    clock[0] = 100
    shown.read(3)
    assert capsys.readouterr().err == "score: 3 responses\n"


def test_a_file_that_is_done_at_once_needs_no_word(
    tmp_path: Path, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with half_read(tmp_path) as file, Progress(file) as shown:
        shown.read(3)
    assert capsys.readouterr().err == ""
