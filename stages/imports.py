"""Stage ``import@NAME``: read a file of transcripts that exist already."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from stages.errors import UserError, only_argument, run
from stages.plans.imports import ImportPlan
from stages.tables import CHUNKS, PROMPTS, RESPONSES
from stages.transcript.batched import BatchedTable
from stages.transcript.imported import Importer
from stages.transcript.readers import read_transcripts
from stages.transcript.transcripts import Transcript, Unreadable

BATCH = 1_000
NAMED = 20


def main(argv: list[str]) -> None:
    """Read the plan of an import, write ``data/imported/NAME/*.parquet``."""
    name = only_argument(argv, "NAME")
    plan = ImportPlan.read(Path(f"data/plan/import/{name}.json"))
    out = Path("data/imported") / plan.name
    importer, skipped, count = Importer(plan.name), list[Unreadable](), 0
    with ExitStack() as stack:
        tables = [
            stack.enter_context(BatchedTable(out / f"{table}.parquet", columns))
            for table, columns in (
                ("responses", RESPONSES),
                ("chunks", CHUNKS),
                ("prompts", PROMPTS),
            )
        ]
        readable = _readable(Path(plan.file), skipped)
        while batch := list(islice(readable, BATCH)):
            count += len(batch)
            for table, rows in zip(tables, importer.tables(batch), strict=True):
                table.add(rows)
        if not count:
            raise UserError(
                f"transcripts.{name}: {plan.file} holds no readable response"
                f"{_first(skipped)}; each line needs prompt (or messages) and answer"
            )
    _warn(name, plan.file, skipped)
    print(f"import {name}: {count} responses, {len(skipped)} places skipped")


def _readable(path: Path, skipped: list[Unreadable]) -> Iterator[Transcript]:
    for found in read_transcripts(path):
        if isinstance(found, Unreadable):
            skipped.append(found)
        else:
            yield found


def _first(skipped: list[Unreadable]) -> str:
    return f" (line {skipped[0].line}: {skipped[0]})" if skipped else " (it is empty)"


def _warn(name: str, file: str, skipped: list[Unreadable]) -> None:
    for one in skipped[:NAMED]:
        print(f"warning: import {name}: {file}, line {one.line}: {one}", file=sys.stderr)
    if rest := skipped[NAMED:]:
        numbers = ", ".join(str(one.line) for one in rest[:NAMED])
        more = ", …" if len(rest) > NAMED else ""
        print(
            f"warning: import {name}: {file}, {len(rest)} more lines skipped: {numbers}{more}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    run(main)
