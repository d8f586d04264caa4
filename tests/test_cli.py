from __future__ import annotations

import subprocess
import sys

import pytest

from stages.cli import COMMANDS


def overthink(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_a_mistake_quotes_steers_no_terminal() -> None:
    done = overthink("score", "x", "--explain", "\x1b[2J\nforged")
    assert done.stderr.startswith("error: argument --explain: ‹1b›[2J forged is no whole number")
    assert len(done.stderr.splitlines()) == 1


def test_help_lists_every_command() -> None:
    done = overthink("--help")
    assert done.returncode == 0
    for name, purpose in COMMANDS.items():
        assert name in done.stdout
        assert purpose.split()[0] in done.stdout


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, stages.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"polars", "duckdb", "pydantic", "rich"} & set(done.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = overthink(command, "--help")
    assert done.returncode == 0
    assert f"overthink {command}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("dance",), "invalid choice: 'dance'"),
        (("show", "--no-such"), "unrecognized arguments: --no-such"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: tuple[str, ...], said: str) -> None:
    done = overthink(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
