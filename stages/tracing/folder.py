"""Where a traced run's tables go: a new folder of the user's, or one that is removed again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from stages.errors import UserError
from stages.tracing.run import RUN, Run

UNFINISHED = "unfinished"
_SAMPLER = "stages.trace.sampler"


@contextmanager
def folder(chosen: Path | None) -> Iterator[Path]:
    """The folder for the tables. Raises ``UserError`` where something is there already.

    Where nothing came to be traced, as when the command isn't there, nothing is left in it.
    """
    if chosen is None:
        with tempfile.TemporaryDirectory(
            prefix="overthink-trace-", ignore_cleanup_errors=True
        ) as path:
            yield Path(path)
        return
    _free(chosen)
    try:
        yield chosen
    except BaseException:
        if not (scratch(chosen) / RUN).exists():
            shutil.rmtree(scratch(chosen), ignore_errors=True)
        raise


def _free(chosen: Path) -> None:
    if not chosen.exists() and not chosen.is_symlink():
        chosen.mkdir(parents=True)
    elif not chosen.is_dir():
        raise UserError(f"trace: -o {chosen} is no folder; name a new one, or an empty one")
    elif any(chosen.iterdir()):
        left = "; `overthink trace --recover {}` makes tables of the trace in it that was cut off"
        recover = left.format(chosen) if (scratch(chosen) / RUN).exists() else ""
        raise UserError(
            f"trace: -o {chosen} isn't empty; name a new folder, or an empty one{recover}"
        )


def scratch(tables: Path) -> Path:
    """Where the tracer writes while the run lasts."""
    return tables / UNFINISHED


def discard(tables: Path) -> None:
    """Remove what the tracer wrote: the tables hold all of it."""
    shutil.rmtree(scratch(tables))


def cut_off(tables: Path) -> Run:
    """The run whose tables were never made, as far as the tracer had written it.

    Raises ``UserError`` where there is none, or a tracer still at work.
    """
    left = scratch(tables)
    if not (left / RUN).exists():
        raise UserError(f"trace: {tables} holds no trace that was cut off; nothing to recover")
    place = str(left.absolute())
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if _SAMPLER in line and place in line:
            raise UserError(
                f"trace: {tables} is still being written; end that trace, or wait until it has"
            )
    try:
        return Run.read(left)
    except (ValueError, TypeError, LookupError) as error:
        raise UserError(
            f"trace: {left / RUN} is damaged ({error}); what it was a trace of can't be told"
        ) from None
