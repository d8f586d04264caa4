"""Rendering with Quarto, where its command is there and new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from stages.errors import RunFailed

_OLDEST = (1, 4)
_FORMATS = ("html", "typst")

# Quarto ends with 0 all the same after these.
_BROKEN = re.compile(r"Could not fetch|Unable to resolve", re.IGNORECASE)
_LONGEST = 2_000


def version() -> str | None:
    """The version of the ``quarto`` command; null without one, or with one older than 1.4."""
    command = shutil.which("quarto")
    if command is None:
        return None
    try:
        done = subprocess.run(
            [command, "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"(\d+)\.(\d+)\S*", done.stdout.strip())
    if done.returncode or found is None or (int(found[1]), int(found[2])) < _OLDEST:
        return None
    return found[0]


def render(folder: Path, environment: Mapping[str, str]) -> None:
    """Render ``folder/report.qmd`` to ``report.html`` and ``report.pdf`` beside it.

    Warnings are passed on to stderr. Raises ``RunFailed`` if Quarto fails, or says that something
    on the page couldn't be found.
    """
    for form in _FORMATS:
        done = subprocess.run(
            ["quarto", "render", "report.qmd", "--to", form, "--no-execute-daemon"],
            cwd=folder,
            env={**environment, "QUARTO_PYTHON": sys.executable},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode or _BROKEN.search(done.stdout):
            raise RunFailed(f"Quarto couldn't make the report: {done.stdout.strip()[-_LONGEST:]}")
        for line in done.stdout.splitlines():
            if "WARN" in line:
                print(f"quarto: {line.strip()}", file=sys.stderr)
