"""Apply every heuristic to transcripts that exist already: JSONL, JSON, or an Open WebUI export."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from rich.console import Console

from stages.errors import FAILED, UserError
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score_columns
from stages.scored.explained import print_explained
from stages.scored.lines import write_csv, write_jsonl
from stages.scored.progress import Progress
from stages.scored.reading import scored
from stages.scored.table import print_scores
from stages.terminal import plain_line
from stages.transcript.readers import read_stream
from stages.transcript.tokenizer import tokenizer
from stages.transcript.transcripts import Transcript, Unreadable

STDIN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink score``."""
    parser.add_argument("file", metavar="FILE", help="transcripts to read; - reads stdin")
    parser.add_argument("--format", choices=("table", "jsonl", "csv"), default="table")
    parser.add_argument(
        "--text-columns",
        choices=("yes", "no"),
        default="yes",
        help="no keeps every text of the responses out of what is printed",
    )
    parser.add_argument(
        "--tokenizer",
        type=Path,
        metavar="FILE",
        help="the model's tokenizer.json: counts tokens that would be estimated without",
    )
    parser.add_argument(
        "--explain",
        type=partial(_number, least=1),
        metavar="LINE",
        help="print instead why the stances of the response on a line are what they are",
    )
    parser.add_argument(
        "--worst", type=_number, default=10, metavar="N", help="offenders in the table (10)"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print the scores in input order, or a table; the status is 1 if a line couldn't be read."""
    name = "stdin" if arguments.file == STDIN else plain_line(arguments.file)
    if arguments.explain is not None:
        return _explain(arguments, name)
    texts, skipped, heuristics = arguments.text_columns == "yes", 0, discover()
    count_tokens = tokenizer(arguments.tokenizer) if arguments.tokenizer else None
    with (
        TemporaryDirectory(prefix="overthink-") as folder,
        _opened(arguments.file) as file,
        Progress(file) as progress,
    ):

        def skip(place: Unreadable) -> None:
            nonlocal skipped
            skipped += 1
            progress.clear()
            print(f"{name}:{place.line}: skipped: {_why(place, texts)}", file=sys.stderr)

        spooled = scored(
            _read(name, file), Path(folder), heuristics, skip, progress.read, count_tokens
        )
        progress.clear()
        if not spooled.batches:
            raise UserError(f"score: {name} holds no response that could be read")
        _speak_utf8(strictly=arguments.format != "table")
        if arguments.format == "jsonl":
            write_jsonl(spooled, sys.stdout, texts)
        elif arguments.format == "csv":
            write_csv(spooled, sys.stdout)
        else:
            columns = score_columns(heuristics)[1:]
            print_scores(spooled, columns, arguments.worst, texts, Console(highlight=False))
    return FAILED if skipped else 0


def _explain(arguments: argparse.Namespace, name: str) -> int:
    _speak_utf8(strictly=False)
    texts, console = arguments.text_columns == "yes", Console(highlight=False)
    with _opened(arguments.file) as file:
        found = next((one for one in _read(name, file) if one.line == arguments.explain), None)
    if found is None:
        raise UserError(
            f"score: {name} has no response on line {arguments.explain}; lines count from 1, "
            "responses of a list or an export too"
        )
    if isinstance(found, Unreadable):
        raise UserError(f"score: {name}:{found.line}: {_why(found, texts)}; choose another line")
    print_explained(found, texts, console)
    return 0


def _why(place: Unreadable, texts: bool) -> str:
    return str(place) if texts else place.why


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """The file, or stdin."""
    if path == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115 (closed below: only opening may fail so)
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield file


def _read(name: str, file: BinaryIO) -> Iterator[Transcript | Unreadable]:
    try:
        yield from read_stream(file)
    except OSError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: OSError) -> UserError:
    return UserError(f"score: {name} can't be read ({error.strerror}); name a file of transcripts")


def _speak_utf8(strictly: bool) -> None:
    """What another program reads is UTF-8; a terminal gets what it can show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if strictly:
            sys.stdout.reconfigure(encoding="utf-8")
        else:
            sys.stdout.reconfigure(errors="replace")


def _number(text: str, least: int = 0) -> int:
    if not (text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise argparse.ArgumentTypeError(f"{text} is no whole number from {least}")
    return int(text)
