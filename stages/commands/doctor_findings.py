"""What ``overthink doctor`` finds, and how people are shown it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

State = Literal["ok", "missing", "too large", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``remedy`` is null where nothing needs to be done."""

    room: str
    name: str
    state: State
    found: str
    remedy: str | None = None


def show(findings: Sequence[Finding]) -> None:
    """A table of them, and below it one remedy a line."""
    styles: dict[str, Callable[[str], Text]] = {
        "ok": lambda text: Text(text, style="green"),
        "missing": lambda text: Text(text, style="yellow"),
        "too large": lambda text: Text(text, style="yellow"),
        "wrong": lambda text: Text(text, style="bold red"),
    }
    table = Table(box=None, pad_edge=False)
    for title in ("room", "what", "state", "found"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        state = styles[finding.state](finding.state)
        table.add_row(Text(finding.room), Text(finding.name), state, Text(finding.found))
    console = Console(file=sys.stdout)
    console.print(table)
    if remedies := [finding for finding in findings if finding.remedy]:
        console.print()
        for finding in remedies:
            console.print(Text(f"{finding.name}: {finding.remedy}"), soft_wrap=True)
