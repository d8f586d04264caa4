from __future__ import annotations

import io

import pytest
from rich.console import Console

from stages.tracing.figures import Figure
from stages.tracing.run import Run, words_of
from stages.tracing.shown import amount, show, title
from stages.tracing.summary import Gap, Summary
from tests.tracing.traces import run


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0, "bytes", "0 B"),
        (1536, "bytes", "1.5 KiB"),
        (200 * 2**20, "bytes", "200 MiB"),
        (0.00123, "s", "0.00123 s"),
        (86_400.0, "s", "86,400 s"),
        (1234, "", "1,234"),
        (1.5, "cores", "1.5 cores"),
    ],
)
def test_an_amount_has_a_unit_and_no_more_digits_than_help(
    value: float, unit: str, shown: str
) -> None:
    assert amount(Figure("command", "x", "x", value, unit)) == shown


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (run(command=["a", "b c", "it's"]), "a 'b c' \"it's\""),
        (run(command=["\x1b[2J", "x\ny"]), "'␛[2J' 'x⏎y'"),
        (run(command=["x" * 100]), "x" * 29 + "…"),
        (run(command=[], watched=[3, 4]), "process 3, 4"),
        (run(command=[]), "this machine"),
    ],
)
def test_a_title_hides_nothing_and_commands_nothing(of: Run, shown: str) -> None:
    assert title(of, 30) == shown


def test_bytes_that_are_no_text_are_shown_as_bytes() -> None:
    assert words_of(["caf\udce9"]) == ["caf\\xe9"]


def shown(of: Run, *figures: Figure, missing: list[Gap] | None = None) -> str:
    file = io.StringIO()
    show(Summary(of, 1.5, list(figures), missing or []), Console(file=file, width=80))
    return file.getvalue()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (3, "1.5 s, exit status 3"),
        (-15, "killed by SIGTERM"),
        (-40, "killed by signal 40"),
        (None, "work: 1.5 s\n"),
    ],
)
def test_how_it_ended_is_said(status: int | None, said: str) -> None:
    assert said in shown(run(status=status))


def test_how_it_ended_has_a_line_of_its_own_where_it_would_be_broken() -> None:
    text = shown(run(command=["x" * 70], status=3))
    assert text.splitlines()[1:3] == ["x" * 70, "1.5 s, exit status 3"]


def test_what_is_unknown_is_never_nought() -> None:
    text = shown(run(), Figure("machine", "e_j", "energy", None, "J", "no counter; install one"))
    (line,) = [line for line in text.splitlines() if "energy" in line]
    assert line.split() == ["energy", "unknown", "no", "counter"]


def test_a_lane_with_several_gaps_is_one_line() -> None:
    gaps = [Gap("cores", "frequency", "no driver; load it"), Gap("cores", "throttles", "none")]
    text = shown(run(), missing=gaps)
    assert "not measured: cores (frequency, throttles): no driver\n" in text


def test_markup_of_others_is_text() -> None:
    text = shown(run(command=["[bold]"]), missing=[Gap("[red]", "", "[link=x]")])
    assert "[bold]" in text
    assert "[red]: [link=x]" in text
