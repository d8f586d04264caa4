"""Trace a command, running processes or the machine, and sum up what the hardware did.

`overthink trace -- CMD …` runs CMD with the tracer beside it, passes signals and its exit status
through and leaves its output alone: the summary goes to standard error. `--` may be left out where
CMD has no options.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import psutil

from stages.errors import DONE, FAILED, UserError
from stages.tracing.child import CannotStart
from stages.tracing.folder import cut_off, folder, scratch
from stages.tracing.recording import record
from stages.tracing.run import Run

SLOWEST_HZ, FASTEST_HZ = 0.1, 1000.0
PICTURE = "trace.png"
_SUFFIXES = (".png", ".svg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink trace``."""
    parser.add_argument(
        "--hz", type=float, default=20.0, help="readings a second, 0.1 to 1000 (usually 20)"
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "-o",
        dest="out",
        type=Path,
        metavar="DIR",
        help="keep the tables (Parquet) and summary.json in this new folder",
    )
    place.add_argument(
        "--recover",
        type=Path,
        metavar="DIR",
        help="make the tables of a trace into DIR that was cut off",
    )
    parser.add_argument(
        "--pid",
        type=int,
        action="append",
        default=[],
        help="trace this process and its children; may be repeated",
    )
    parser.add_argument(
        "--plot",
        nargs="?",
        const="",
        metavar="FILE",
        help=f"draw the run (.png or .svg; usually {PICTURE}, in DIR if there is one)",
    )
    parser.add_argument(
        "command",
        nargs=argparse.REMAINDER,
        metavar="[--] CMD",
        help="the command with its arguments; without it the processes, or the machine",
    )


def main(arguments: argparse.Namespace) -> int:
    """Trace; the status is the command's (128+N: killed by signal N; 127, 126: can't be run)."""
    if sys.stderr is None:  # closed by whoever started us: print() would take standard output
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (for as long as this process lives)
    command = arguments.command[arguments.command[:1] == ["--"] :]
    if not SLOWEST_HZ <= arguments.hz <= FASTEST_HZ:
        raise UserError(
            f"trace: --hz {arguments.hz:g} is out of range; "
            f"give {SLOWEST_HZ:g} to {FASTEST_HZ:g} readings a second"
        )
    if arguments.recover:
        if command or arguments.pid:
            raise UserError("trace: --recover traces nothing; leave out CMD and --pid")
        picture = _picture(arguments.plot, arguments.recover)
        run = cut_off(arguments.recover)
        return _finish(run, arguments.recover, picture, recover=f"--recover {arguments.recover}")
    watched = [_process(pid) for pid in arguments.pid]
    try:
        with folder(arguments.out) as tables:
            picture = _picture(arguments.plot, arguments.out or Path())
            if not command:
                what = "these processes until they end" if watched else "this machine"
                print(f"tracing {what}; Ctrl-C ends it", file=sys.stderr)
            run = record(command, watched, arguments.hz, scratch(tables))
            recover = f"--recover {tables}" if arguments.out else None
            return _finish(run, tables, picture, recover)
    except CannotStart as error:
        print(f"error: {error}", file=sys.stderr)
        return error.status


def _finish(run: Run, tables: Path, picture: Path | None, recover: str | None) -> int:
    """Sum up; if that fails the command's status counts all the same.

    ``recover`` are the arguments that sum up what is kept for it.
    """
    # Only now: the command starts the sooner, and none of this is in memory beside it.
    from stages.tracing.ending import finish  # noqa: PLC0415

    status = run.status or DONE
    status = 128 - status if status < 0 else status
    again = f"; `overthink trace {recover}` does it once more" if recover else ""
    try:
        finish(run, tables, picture)
    except KeyboardInterrupt:
        print(f"the trace isn't summed up{again}", file=sys.stderr)
        raise
    except OSError as error:
        print(f"error: the trace couldn't be summed up: {error}{again}", file=sys.stderr)
        return status or FAILED
    return status


def _process(pid: int) -> psutil.Process:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.ZombieProcess(pid)
        process.cpu_times()
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        raise UserError(
            f"trace: --pid {pid}: there is no such process; `ps -e` lists them"
        ) from None
    except psutil.AccessDenied:
        raise UserError(
            f"trace: --pid {pid}: the system shows nothing of it to this user; "
            "run as its user or as root"
        ) from None
    return process


def _picture(chosen: str | None, default: Path) -> Path | None:
    """Where the picture goes; null where none is wanted."""
    if chosen is None:
        return None
    path = Path(chosen) if chosen else default / PICTURE
    if path.suffix.lower() not in _SUFFIXES:
        raise UserError(
            f"trace: --plot {chosen!a}: a picture's name ends with .png or .svg; "
            "where that is the command, write `--plot -- CMD …`"
        )
    if not path.parent.is_dir() or path.is_dir():
        found = "is a folder" if path.is_dir() else "is in a folder that isn't there"
        raise UserError(f"trace: --plot {chosen!a} {found}; name a file in a folder that is there")
    return path
