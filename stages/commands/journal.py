"""List the finished responses that are kept for later runs, or forget them.

``clear --models`` removes models instead: those that were made in Ollama from files.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.commands.journal_models import clear_models
from stages.errors import UserError
from stages.home import home
from stages.journal.clearing import about, clear, clear_all
from stages.journal.entry import Summary
from stages.journal.journal import Entry, Journal, folder, open_journal
from stages.journal.lock import holder, machine_folder, one_at_a_time
from stages.params.problems import nearest
from stages.terminal import plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink journal``."""
    parser.add_argument("action", choices=["list", "clear"], help="what to do")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="keys of models or tests; all if none is named"
    )
    parser.add_argument(
        "--models",
        action="store_true",
        help="clear, in Ollama, the models that were made from GGUF files (those of the keys NAME, "
        "all if none is named), and no response; they are made again when they are needed",
    )


def main(arguments: argparse.Namespace) -> None:
    """List or clear. Raises ``UserError`` for a name that nothing is kept of."""
    if not Path("params.yaml").exists() and "OVERTHINK_HOME" not in os.environ:
        raise UserError(
            "journal: no params.yaml here; go to the project's folder, or name the journal's "
            "home in OVERTHINK_HOME"
        )
    if arguments.action == "list":
        if arguments.models:
            raise UserError("journal: --models goes with clear; `ollama list` lists models")
        _list(open_journal(folder()), arguments.names)
        return
    for place in (machine_folder(), home()):
        if who := holder(place):
            raise UserError(f"journal: not while {who}; wait for it, or stop it with Ctrl-C there")
    with one_at_a_time("journal clear"):
        if arguments.models:
            for line in clear_models(arguments.names):
                print(f"journal: {line}")
            return
        journal = open_journal(folder())
        _check(journal, arguments.names)
        removed = clear(journal, arguments.names) if arguments.names else clear_all(journal)
    forgotten = "1 response is" if removed == 1 else f"{removed} responses are"
    print(
        f"journal: {forgotten} forgotten; what DVC has of them stays until "
        "`dvc repro --force STAGE@NAME` asks anew"
    )


def _list(journal: Journal, names: list[str]) -> None:
    _check(journal, names)
    groups: defaultdict[tuple[str, str], list[tuple[Entry, Summary]]] = defaultdict(list)
    for session in journal.sessions:
        for entry in session.entries:
            if names and not about(entry, names):
                continue
            for summary in entry.head.responses:
                run = f"{summary.test}, {summary.arm}" if summary.test else summary.arm
                groups[summary.model, run].append((entry, summary))
    table = Table()
    table.add_column("model", overflow="fold")
    table.add_column("run", overflow="fold")
    for name in ("kept", "failed", "tokens"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("asked last (UTC)", no_wrap=True)
    for key in sorted(groups):
        table.add_row(*(Text(plain(text)) for text in (*key, *_figures(groups[key]))))
    if groups:
        Console().print(table)
    size = sum(_size(session.path.parent) for session in journal.sessions)
    kept = sum(entry.head.finished for session in journal.sessions for entry in session.entries)
    print(
        f"{kept} finished entries of {len(journal.sessions)} sessions, {size / 1e6:.1f} MB with "
        f"their traces, in {folder()}"
    )
    for complaint in journal.complaints():
        print(plain(complaint), file=sys.stderr)


def _figures(rows: list[tuple[Entry, Summary]]) -> tuple[str, ...]:
    kept = sum(entry.head.finished for entry, _ in rows)
    tokens = sum(summary.output_tokens or 0 for _, summary in rows)
    moments = [summary.started_at for _, summary in rows if summary.started_at]
    last = f"{max(moments):%Y-%m-%d %H:%M}" if moments else ""
    return str(kept), str(len(rows) - kept), f"{tokens:,}", last


def _size(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def _check(journal: Journal, names: list[str]) -> None:
    known = {
        name
        for session in journal.sessions
        for entry in session.entries
        for response in entry.head.responses
        for name in (response.model, response.test)
        if name
    }
    for name in names:
        if name not in known:
            raise UserError(
                f"journal: nothing is kept of {name!a}; {plain(nearest(name, sorted(known)))}"
            )
