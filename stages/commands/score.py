"""Apply every heuristic to transcripts that exist already: JSONL, or an Open WebUI export."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.commands.show import plain
from stages.errors import FAILED, UserError
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score, with_prompts
from stages.params.scoring import Scoring
from stages.plans.score import ScorePlan
from stages.transcript.imported import Importer
from stages.transcript.readers import read_transcripts
from stages.transcript.transcripts import Transcript, Unreadable

BATCH = 1_000
Row = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink score``."""
    parser.add_argument("file", type=Path, metavar="FILE", help="transcripts to read")
    parser.add_argument("--format", choices=("table", "jsonl", "csv"), default="table")


def main(arguments: argparse.Namespace) -> int:
    """Print a row a response in input order; the status is 1 if a line couldn't be read."""
    skipped: list[Unreadable] = []
    rows = _rows(read_transcripts(arguments.file), skipped)
    count = 0
    if arguments.format == "jsonl":
        for count, row in enumerate(rows, start=1):  # noqa: B007 (the last one is the number)
            print(json.dumps(row, ensure_ascii=False, allow_nan=False))
    else:
        listed = list(rows)
        count = len(listed)
        (_write_csv if arguments.format == "csv" else _print_table)(listed)
    for place in skipped:
        print(f"{arguments.file}:{place.line}: skipped: {place.why}", file=sys.stderr)
    if not count:
        raise UserError(f"score: {arguments.file} holds no response that could be read")
    return FAILED if skipped else 0


def _rows(found: Iterable[Transcript | Unreadable], skipped: list[Unreadable]) -> Iterator[Row]:
    """Scores with notes, batch by batch; what can't be read goes to ``skipped``."""
    settings = ScorePlan.model_validate(Scoring().model_dump())
    importer, using = Importer("file"), discover()
    readable = _readable(found, skipped)
    while batch := list(islice(readable, BATCH)):
        tables = importer.tables(batch)
        result = score(with_prompts(tables.responses, tables.prompts), settings, using)
        notes: dict[str, list[Row]] = {}
        for note in result.notes.to_dicts():
            notes.setdefault(note.pop("response_id"), []).append(note)
        for one, row in zip(batch, result.values.to_dicts(), strict=True):
            identity = row.pop("response_id")
            yield {"id": one.id, "model": one.model} | row | {"notes": notes.get(identity, [])}


def _readable(
    found: Iterable[Transcript | Unreadable], skipped: list[Unreadable]
) -> Iterator[Transcript]:
    for one in found:
        if isinstance(one, Unreadable):
            skipped.append(one)
        else:
            yield one


def _write_csv(rows: list[Row]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "notes"]
        writer = csv.DictWriter(sys.stdout, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: _inert(value) for name, value in row.items()} for row in rows)


def _inert(value: Any) -> Any:
    """A spreadsheet takes text that begins like a formula for one: an apostrophe keeps it text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple("=+-@\t\r")) else value


def _print_table(rows: list[Row]) -> None:
    """One block a response: what has a value, and the evidence below it."""
    console = Console()
    for row in rows:
        table = Table(title=Text(plain(str(row["id"]))), title_justify="left", box=None)
        table.add_column("measure")
        table.add_column("value")
        table.add_column("evidence", overflow="fold")
        for name, value in row.items():
            if value is None or name in ("id", "notes"):
                continue
            evidence = [
                note["text"]
                for note in row["notes"]
                if note["heuristic"] == name and note["kind"] == "evidence"
            ]
            shown = f"{value:.3g}" if isinstance(value, float) else plain(str(value))
            table.add_row(name, Text(shown), Text(plain(" … ".join(evidence))[:300]))
        console.print(table)
        console.print()
