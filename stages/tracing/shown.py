"""A summary in the terminal."""

from __future__ import annotations

import shlex
import signal
from itertools import groupby
from operator import attrgetter

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.engines.untrusted import words
from stages.reporting.escape import visible
from stages.tracing.figures import Figure, rounded
from stages.tracing.run import Run
from stages.tracing.summary import Summary

_LONGEST = 200
_HEADS = {
    "command": "command",
    "watched": "watched",
    "machine": "machine, meanwhile",
    "tracer": "tracer",
}


def show(summary: Summary, console: Console) -> None:
    """Print it."""
    console.print()
    command, end = title(summary.run, _LONGEST), outcome(summary)
    gap = ": " if cell_len(f"{command}: {end}") <= console.width else "\n"
    console.print(Text(f"{command}{gap}{end}", style="bold"))
    if summary.run.fault:
        fault = f"the tracer failed, its figures end early: {summary.run.fault}"
        console.print(Text(words(fault, 1000), style="red"))
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    about = ""
    for figure in summary.figures:
        if figure.about != about:
            about = figure.about
            table.add_row(Text(_HEADS[about], style="bold"))
        remark = words(figure.remark)
        if figure.value is None:
            table.add_row(f"  {figure.title}", Text("unknown", "yellow"), Text(_short(remark)))
        else:
            table.add_row(f"  {figure.title}", Text(amount(figure)), Text(remark))
    console.print(table)
    for lane, gaps in groupby(summary.missing, key=attrgetter("lane")):
        known = list(gaps)
        parts = ", ".join(gap.subject for gap in known if gap.subject)
        what = f"{lane} ({parts})" if parts else lane
        line = Text(f"not measured: {words(what)}: {_short(words(known[0].reason))}", style="dim")
        console.print(line, overflow="ellipsis", no_wrap=True)
    if summary.missing:
        console.print(Text("`overthink doctor` names the remedies", style="dim"))


def _short(reason: str) -> str:
    """A reason without its remedy."""
    return reason.partition("; ")[0]


def title(run: Run, longest: int) -> str:
    """What was traced, on one line that hides nothing."""
    if run.command:
        text = visible(" ".join(map(_quoted, run.command))).replace("\n", "⏎")
    elif run.watched:
        text = f"process {', '.join(map(str, run.watched))}"
    else:
        text = "this machine"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _quoted(word: str) -> str:
    """For the eye, not for a shell: what holds both kinds of quotes stays readable too."""
    if shlex.quote(word) == word:
        return word
    return f'"{word}"' if "'" in word else f"'{word}'"


def amount(figure: Figure) -> str:
    """A known value with its unit, rounded to what can be read."""
    value = figure.value
    assert value is not None
    if figure.unit == "bytes":
        return _bytes(value)
    number = f"{value:,}" if isinstance(value, int) else rounded(value)
    return f"{number} {figure.unit}".rstrip()


def headline(summary: Summary) -> str:
    """The most telling figures, on one line."""
    wanted = ("cpu_s", "cpu_percent", "memory_peak_bytes")
    first = summary.figures[0].about
    told = [
        f"{figure.title} {amount(figure)}"
        for figure in summary.figures
        if figure.about == first and figure.name in wanted and figure.value is not None
    ]
    return "   ·   ".join([outcome(summary), *told])


def outcome(summary: Summary) -> str:
    """How long it took, and how it ended."""
    seconds = f"{rounded(summary.seconds)} s"
    status = summary.run.status
    if status is None:
        return seconds
    if status >= 0:
        return f"{seconds}, exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal has no name
        name = f"signal {-status}"
    return f"{seconds}, killed by {name}"


def _bytes(value: float) -> str:
    units = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
    power = 0
    while value >= 1024 and power < len(units) - 1:
        value, power = value / 1024, power + 1
    return f"{rounded(value)} {units[power]}"
