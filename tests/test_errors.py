"""What leaves a process: the status, and one message without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest


def leave(body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = f"""
        import os, signal
        from stages.errors import RunFailed, UserError, run
        def main(argv):
            {body}
        run(main)
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("pass", 0, ""),
        ("raise RunFailed('3 of 4 failed')", 1, "error: 3 of 4 failed\n"),
        ("raise UserError('a.yaml:1: no')", 2, "error: a.yaml:1: no\n"),
        ("raise KeyboardInterrupt", 130, "interrupted\n"),
        (f"os.kill(os.getpid(), {signal.SIGTERM.value})", 130, "interrupted\n"),
        (f"os.kill(os.getpid(), {signal.SIGINT.value})", 130, "interrupted\n"),
        ("return 1", 1, ""),
    ],
)
def test_every_end_has_its_status_and_its_words(body: str, status: int, said: str) -> None:
    done = leave(body)
    assert (done.returncode, done.stderr) == (status, said)


def test_what_a_message_quotes_steers_no_terminal() -> None:
    done = leave(r"raise UserError('\x1b[2Jb.yaml\u202e: no\nremedy')")
    assert done.stderr == "error: ‹1b›[2Jb.yaml‹202e›: no\nremedy\n"


def test_a_fault_is_told_in_short() -> None:
    done = leave("raise ValueError('very' + ' long' * 9999 + chr(10) * 9)")
    assert len(done.stderr.splitlines()) == 1
    assert "ValueError: very long" in done.stderr and len(done.stderr) < 500


def test_a_full_disk_is_the_machines_and_says_what_to_do() -> None:
    done = leave("raise OSError(28, 'No space left on device', '/x/y')")
    assert done.returncode == 2
    assert done.stderr == (
        "error: No space left on device (/x/y); free some space on that disk, "
        "then run the same command again\n"
    )


def test_no_temporary_folder_with_room_is_the_machines_too() -> None:
    nowhere = "tempfile._candidate_tempdir_list = lambda: ['/no/such']"
    done = leave(f"import tempfile; {nowhere}; tempfile.mkdtemp()")
    assert done.returncode == 2
    assert done.stderr == (
        "error: No usable temporary directory found in ['/no/such']; free some space there, or "
        "have TMPDIR name a folder that has some, then run the same command again\n"
    )


def test_a_fault_of_ours_is_one_line_and_debug_shows_the_rest() -> None:
    done = leave("raise KeyError('x')")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "KeyError: 'x'" in done.stderr and "--debug" in done.stderr
    assert "Traceback" in leave("raise KeyError('x')", "--debug").stderr


def test_debug_is_for_us_and_not_for_the_stage() -> None:
    assert leave("print(argv)", "m", "--debug").stdout == "['m']\n"


def test_debug_after_two_dashes_is_not_ours() -> None:
    done = leave("print(argv)", "--debug", "a", "--", "b", "--debug")
    assert done.stdout == "['a', '--', 'b', '--debug']\n"
