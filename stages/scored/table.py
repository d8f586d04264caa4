"""A file's scores in a terminal: all responses together, and the worst offenders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stages.columns import Column
from stages.heuristics.spool import Spooled
from stages.reporting.numbers import count, figure
from stages.scored.summary import missing, summary
from stages.scored.worst import FIGURES, Offender, overthinking, worst
from stages.terminal import plain, plain_line

_MODELS = 15
_EVIDENCE, _CHARACTERS = 3, 240


def print_scores(
    spooled: Spooled, columns: Sequence[Column], number: int, texts: bool, console: Console
) -> None:
    """Print what the columns say of all responses, of each model, and the ``number`` worst.

    Without ``texts`` the evidence is only placed, not quoted.
    """
    total = spooled.values.select(pl.len()).collect().item()
    console.print(Text(count(total, "response"), style="bold"))
    console.print(_summary(spooled, columns))
    console.print()
    if (models := _models(spooled)) is not None:
        console.print(models)
        console.print()
    _print_worst(spooled, number, texts, console)
    if left_out := missing(spooled, columns):
        console.print(Text("\nLeft out, for no response has a value:", style="dim"))
        for why, names in left_out:
            text = Text(f"{', '.join(names)}: {plain(why)}", style="dim")
            console.print(Padding(text, (0, 0, 0, 2), expand=False))


def _print_worst(spooled: Spooled, number: int, texts: bool, console: Console) -> None:
    guilty, shown = overthinking(spooled), worst(spooled, number)
    if not guilty:
        console.print(Text("None overthinks, as far as that can be judged."))
        return
    which = f"{len(shown)} worst of {guilty:,} that overthink" if shown else f"{guilty:,} overthink"
    console.print(Text(which, style="bold"))
    for place, one in enumerate(shown, start=1):
        _print_offender(place, one, texts, console)


def _summary(spooled: Spooled, columns: Sequence[Column]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("measure", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for line in summary(spooled, columns):
        table.add_row(line.name, f"{line.n:,}", Text(line.says))
    return table


def _models(spooled: Spooled) -> Table | None:
    """A row a model, those that overthink most often first; null where there is but one."""
    models = (
        spooled.values.group_by("named_model")
        .agg(
            pl.len().alias("n"),
            pl.col("overthinks").mean(),
            pl.col("thinking_tokens").median(),
            pl.col("overthinking_ratio").median(),
        )
        .sort("overthinks", "named_model", descending=[True, False], nulls_last=True)
        .collect(engine="streaming")
    )
    if models.height < 2:
        return None
    table = Table(box=None, pad_edge=False)
    table.add_column("model", overflow="fold")
    for heading in ("n", "overthinks", "thinking tokens", "÷ answer"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, n, share, tokens, ratio in models.head(_MODELS).iter_rows():
        rate = None if share is None else 100 * share
        row = (f"{n:,}", figure(rate, "%"), figure(tokens), figure(ratio, "×"))
        table.add_row(Text("(not named)" if name is None else _cut(plain_line(name))), *row)
    if models.height > _MODELS:
        table.add_row(f"… {models.height - _MODELS:,} more")
    return table


def _print_offender(place: int, one: Offender, texts: bool, console: Console) -> None:
    row = one.scores
    model = "" if row["named_model"] is None else f"{plain_line(row['named_model'])}, "
    title = f"{place}. {_cut(plain_line(row['id']))}  ({_cut(model)}line {row['line']})"
    console.print(Text(title, style="bold"))
    reasons = "; ".join(_reason(name, row) for name in row["overthinks_because"])
    tokens = row["thinking_tokens"]
    length = "" if tokens is None else f"; {count(tokens, 'thinking token')}"
    console.print(Padding(Text(f"{reasons}{length}"), (0, 0, 0, 3), expand=False))
    for note in one.evidence[:_EVIDENCE]:
        where = f"{note['heuristic']}, {note['part']} {note['start']:,}–{note['end']:,}"
        quoted = f": “{_cut(plain(' '.join(note['text'].split())))}”" if texts else ""
        console.print(Padding(Text(f"{where}{quoted}", style="dim"), (0, 0, 0, 3), expand=False))


def _reason(name: str, row: dict[str, Any]) -> str:
    held = [
        f"{column} {figure(value) if isinstance(value, int | float) else plain(str(value))}"
        for column in FIGURES.get(name, ())
        if (value := row[column]) is not None
    ]
    return f"{name} ({', '.join(held)})" if held else name


def _cut(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}…"
