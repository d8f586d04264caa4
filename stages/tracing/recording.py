"""One traced run from its first to its last reading."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import psutil

from stages.trace.session import Session
from stages.trace.tracer import Tracer
from stages.tracing.child import Child, start
from stages.tracing.orphans import Orphans
from stages.tracing.run import COMMAND, WATCHED, Run, words_of
from stages.tracing.signals import Signals, hear

_LOOK_S = 1.0
_WATCHED_LOOK_S = 0.2


def record(
    command: Sequence[str], watched: Collection[psutil.Process], hz: float, scratch: Path
) -> Run:
    """Trace a command until it ends; without one, these processes until they have ended.

    Without either, and of processes too, the end is the signal that would end this one.
    Raises ``CannotStart``, and ``RunFailed`` where the tracer doesn't start.
    """
    pids = sorted({process.pid for process in watched})
    with ExitStack() as tracing:
        tracer = tracing.enter_context(Tracer(scratch, hz, Session.begin()))
        for pid in pids:
            tracer.watch(pid, None, WATCHED)
        run = Run(words_of(command), None, pids, hz, time.monotonic_ns())
        with hear() as signals:
            if command:
                return _record_command(command, run, scratch, tracer, signals, tracing.close)
            run.write(scratch)
            _until_ended(watched, signals)
            run = replace(run, end_ns=time.monotonic_ns())
            tracing.close()
            return replace(run, fault=tracer.fault)


def _record_command(
    command: Sequence[str],
    run: Run,
    scratch: Path,
    tracer: Tracer,
    signals: Signals,
    read_once_more: Callable[[], None],
) -> Run:
    orphans = Orphans()
    run = replace(run, begin_ns=time.monotonic_ns())
    child = start(command, signals.blocked)
    tracer.watch(child.pid, None, COMMAND)
    run = replace(run, pid=child.pid)
    run.write(scratch)
    _until_over(child, orphans, tracer, signals)
    run = replace(run, end_ns=time.monotonic_ns())
    read_once_more()  # the command has ended and is still there to be read: nobody waited for it
    orphans.look(child.pid)
    status, usage = child.reap()
    if usage and orphans.usage:
        usage += orphans.usage
    late = tuple(orphans.ended)
    return replace(run, status=status, usage=usage, late=late, fault=tracer.fault)


def _until_over(child: Child, orphans: Orphans, tracer: Tracer, signals: Signals) -> None:
    """Wait for the command's end; pass on what it hasn't been sent itself."""
    while True:
        for pid in orphans.look(child.pid):
            tracer.watch(pid, None, COMMAND)
        if child.ended():
            return
        heard = signals.next(_LOOK_S)
        if heard and heard.is_for(child.pid):
            child.send(heard.number)


def _until_ended(watched: Collection[psutil.Process], signals: Signals) -> None:
    while not watched or any(_runs(process) for process in watched):
        heard = signals.next(_WATCHED_LOOK_S)
        if heard and heard.ends:
            return


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
