from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from stages.measuring import progress
from stages.measuring.progress import Tally


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def record(prompt: str, tokens: int | None, stop: str = "stop") -> dict[str, Any]:
    row = {"model": "m", "arm": "solo", "prompt_id": prompt, "turn": 1, "epoch": 2, "stop": stop}
    times = {} if stop == "refused" else {"request_ns": 10**9, "end_ns": 3 * 10**9}
    return row | {"output_tokens": tokens} | times


def test_a_log_has_a_line_a_response_with_speed_and_time_left(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Tally("generate m", 4) as tally:
        clock.now = 2.0
        tally.finished(record("p", 20))
        clock.now = 4.0
        tally.finished(record("q", None, "error"))
    first, second = capsys.readouterr().err.splitlines()
    # 20 tokens in 2 s; three more of 2 s each are left
    assert first == (
        "generate m 1/4: m solo p turn 1 epoch 2: stop, 20 tokens in 2.0 s "
        "(10 tokens/s, 0:00:06 left)"
    )
    assert second.endswith(
        "q turn 1 epoch 2: error, tokens unknown in 2.0 s (5 tokens/s, 0:00:04 left)"
    )


def test_what_was_not_asked_counts_and_has_no_line(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Tally("generate m", 2) as tally:
        clock.now = 2.0
        tally.finished(record("p", None, "refused"))
        tally.finished(record("q", 20))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("generate m 2/2: m solo q") and line.endswith("0:00:00 left)")


def test_the_first_moment_of_all_has_no_speed(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Tally("generate m", 1) as tally:
        tally.finished(record("p", 20))
    assert "in 2.0 s (, 0:00:00 left)" in capsys.readouterr().err


def test_a_terminal_has_a_bar_and_markup_in_names_is_none(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, color_system=None, width=120)
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    with Tally("generate [red]m", 2) as tally:
        clock.now = 2.0
        tally.finished(record("p", 20))
    assert "generate [red]m" in shown.getvalue()
    assert "1/2" in shown.getvalue() and "10 tokens/s" in shown.getvalue()
    assert capsys.readouterr().err == ""
