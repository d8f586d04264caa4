"""Prints why one response of a file was judged as it was."""

from __future__ import annotations

import polars as pl
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stages.heuristics.scoring import with_prompts
from stages.heuristics.stance_explained import Reasons, explained
from stages.heuristics.stance_judge import patterns
from stages.heuristics.stance_verdict import verdict
from stages.terminal import plain
from stages.transcript.imported import Importer
from stages.transcript.transcripts import Transcript

_PARTS, _OF_SENTENCE = 8, 4
_CHARACTERS = 240


def print_explained(transcript: Transcript, texts: bool, console: Console) -> None:
    """Print why the stances of a response are what they are.

    Without ``texts`` the sentences that decided are not quoted.
    """
    tables = Importer("file").tables([transcript])
    frame = with_prompts(tables.responses, tables.prompts)
    for part in ("answer", "thinking"):
        _print_part(frame, part, texts, console)


def _print_part(frame: pl.DataFrame, part: str, texts: bool, console: Console) -> None:
    name = "stance" if part == "answer" else "thinking_stance"
    given = verdict(frame, part, (name,))
    if given.values[name][0] is None:
        why = given.notes.filter(pl.col("heuristic") == name)["text"].to_list()
        console.print(Text(f"{name}: no value, for {plain(why[0])}", style="bold"))
        return
    asked = frame.join(patterns(frame), on="topics", how="left", maintain_order="left")
    told = explained(asked, part)
    console.print(Text(_title(name, told.stance), style="bold"))
    console.print(Padding(_table(told.stance, _PARTS), (0, 0, 0, 3), expand=False))
    for words, reasons in told.sentences:
        quoted = f"“{plain(' '.join(words.split()))[:_CHARACTERS]}” " if texts else ""
        console.print(Padding(Text(quoted + _title("says", reasons)), (0, 0, 0, 3), expand=False))
        console.print(Padding(_table(reasons, _OF_SENTENCE), (0, 0, 0, 6), expand=False))


def _title(name: str, reasons: Reasons) -> str:
    return f"{name}: {reasons.given} ({reasons.probability:.2f}), not {reasons.instead}, because of"


def _table(reasons: Reasons, most: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("feature", no_wrap=True)
    for heading in ("value", "× weight", "adds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in reasons.parts[:most]:
        alone = (part.value, part.weight)
        table.add_row(
            part.name,
            *("" if number is None else f"{number:.2f}" for number in alone),
            f"{part.adds:+.2f}",
        )
    rest = sum(part.adds for part in reasons.parts[most:])
    table.add_row(f"{len(reasons.parts[most:])} others", "", "", f"{rest:+.2f}", style="dim")
    table.add_row("bias", "", "", f"{reasons.bias:+.2f}", style="dim")
    return table
