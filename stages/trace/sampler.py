"""The sampler: a process of its own that writes what the hardware does into a folder.

``python -m stages.trace.sampler SCRATCH HZ``, started by ``tracer.py``. Standard input carries
commands, one JSON object a line: ``{"watch": PID, "model": KEY or null, "role": ROLE}``,
``{"forget": PID}``, ``{"follow": KEY, …}`` with what ``Followed`` has, and ``{"unfollow": KEY}``;
its end, the parent's death or SIGTERM end the sampler after a last reading.
When the first tick is written it says ``{"ready": true}`` on standard output.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

from stages.trace.clock import SECOND, Anchor, Pacer, Suspends
from stages.trace.followed import Followed
from stages.trace.lanes.gpu import GpuThread
from stages.trace.lanes.held import HeldThread
from stages.trace.lanes.here import lanes, peak_memory_bytes, process_lane
from stages.trace.lanes.lane import Lane, LaneMissing, why
from stages.trace.log import ANCHOR_COLUMNS, ANCHORS, EVENT_COLUMNS, SUFFIX, Log, Row

if sys.platform != "win32":
    import resource

_PATIENCE_S = 0.5
_LOOKS_HZ = 5.0  # for a process that is wanted: a list of all of them is no small reading


class Sampler:
    """The lanes, their files and the loop that reads the ones into the others."""

    def __init__(self, scratch: Path, hz: float) -> None:
        self._scratch = scratch
        self._hz = hz
        self._notes: deque[Row] = deque()
        self._events = self._log("trace_events", EVENT_COLUMNS)
        self._anchors = self._log(ANCHORS, ANCHOR_COLUMNS)
        self._processes = process_lane(self.note)
        self._gpu = GpuThread(scratch, hz, self.note)
        self._held = HeldThread(scratch, self.note)
        self._open: list[tuple[Lane, Log]] = []
        self._suspends = Suspends()
        self._parent = os.getppid()
        # Filled by other threads and by signals, emptied by the loop.
        self._commands: deque[dict[str, Any]] = deque()
        self._wake = threading.Event()
        self._ending = False

    def note(
        self, kind: str, lane: str, subject: str | None, value: float | None, detail: str | None
    ) -> None:
        """Keep an event for the next writing. Any thread may call this."""
        self._notes.append((time.monotonic_ns(), kind, lane, subject, value, detail))

    def command(self, command: dict[str, Any]) -> None:
        """Obey a command as soon as the tick under way is done."""
        self._commands.append(command)
        self._wake.set()

    def end(self) -> None:
        """End after a last reading."""
        self._ending = True
        self._wake.set()

    def run(self) -> None:
        """Read until told to end. Raises ``OSError`` when the folder can't be written to."""
        self._start(self._processes)
        for lane in lanes(self.note):
            self._start(lane)
        self._gpu.start()
        self._held.start()
        self._processes.watch(os.getpid(), None, "tracer")
        now = time.monotonic_ns()
        ticks, seconds, minutes = Pacer(self._hz, now), Pacer(1, now), Pacer(1 / 60, now)
        looks = Pacer(_LOOKS_HZ, now)
        while not self._ending:
            if not self._wait(min(ticks.deadline_ns, seconds.deadline_ns)):
                continue
            now = time.monotonic_ns()
            if now >= ticks.deadline_ns:
                ticks.arrive(now)
                if now >= looks.deadline_ns:
                    looks.arrive(now)
                    self._processes.look(wanted=True)
                self._tick()
                if ticks.ticks == 1:
                    print(json.dumps({"ready": True}), flush=True)
            if now >= seconds.deadline_ns:
                seconds.arrive(now)
                self._second()
            if now >= minutes.deadline_ns:
                minutes.arrive(now)
                self._anchor()
        self._tick()
        self._finish(ticks)

    def _wait(self, deadline_ns: int) -> bool:
        """Sleep until the deadline; false where a command or the end came first."""
        if self._wake.wait(max(0, deadline_ns - time.monotonic_ns()) / SECOND):
            self._wake.clear()
            while self._commands:
                self._obey(self._commands.popleft())
            return False
        return time.monotonic_ns() >= deadline_ns

    def _obey(self, command: dict[str, Any]) -> None:
        if "watch" in command:
            self._processes.watch(command["watch"], command["model"], command["role"])
        elif "follow" in command:
            model = command.pop("follow")
            followed = Followed(**command)
            if followed.mark is not None:
                self._processes.follow(model, followed.mark, followed.below)
            self._held.follow(model, followed)
        else:
            # What a process used up to the end is known only if it is read once more.
            for lane, log in [entry for entry in self._open if entry[0] is self._processes]:
                self._read(lane, log)
            if "forget" in command:
                self._processes.forget(command["forget"])
            else:
                self._processes.unfollow(command["unfollow"])
                self._held.unfollow(command["unfollow"])

    def _tick(self) -> None:
        if slept := self._suspends.slept_ns():
            detail = "seconds that the machine was suspended"
            self.note("suspend", "clock", None, slept / SECOND, detail)
        for lane, log in list(self._open):
            self._read(lane, log)
        while self._notes:
            self._events.append([self._notes.popleft()])

    def _read(self, lane: Lane, log: Log) -> None:
        try:
            rows = lane.read(time.monotonic_ns())
        except (OSError, LaneMissing, ValueError, LookupError) as error:
            self.note("lane_missing", lane.name, None, None, f"from here on: {why(error)}")
            self._open.remove((lane, log))
            lane.close()
            return
        log.append(rows)

    def _second(self) -> None:
        self._processes.survey()
        # Whoever inherited our parent's end of the pipe could keep it open past its death.
        if os.getppid() != self._parent:
            self.end()

    def _anchor(self) -> None:
        self._anchors.append([astuple(Anchor.read())])

    def _start(self, lane: Lane) -> None:
        try:
            lane.open()
        except (OSError, LaneMissing, ValueError, LookupError) as error:
            self.note("lane_missing", lane.name, None, None, why(error))
        else:
            self._open.append((lane, self._log(lane.table, lane.columns)))

    def _log(self, table: str, columns: tuple[str, ...]) -> Log:
        return Log(self._scratch / f"{table}{SUFFIX}", columns)

    def _finish(self, ticks: Pacer) -> None:
        self._gpu.stop(_PATIENCE_S)
        self._held.stop(_PATIENCE_S)
        self.note("ticks", "sampler", None, ticks.ticks, "ticks made")
        self.note("late", "sampler", None, ticks.late, "ticks over half a period late")
        self.note("missed", "sampler", None, ticks.missed, "ticks not made")
        self.note("cost", "sampler", "cpu", time.process_time(), "CPU seconds of the sampler")
        memory = peak_memory_bytes()
        self.note("cost", "sampler", "memory", memory, "bytes, its largest resident memory")
        self._events.append(list(self._notes))
        self._anchor()


def main() -> int:
    """Sample until standard input ends."""
    scratch, hz = Path(sys.argv[1]), float(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it ends us in order
    _allow_many_files()
    try:
        sampler = Sampler(scratch, hz)
        signal.signal(signal.SIGTERM, lambda *_: sampler.end())
        threading.Thread(target=_listen, args=(sampler,), name="commands", daemon=True).start()
        sampler.run()
    except OSError as error:
        print(f"the sampler stopped: {why(error)}", file=sys.stderr)
        return 1
    return 0


def _listen(sampler: Sampler) -> None:
    rest = b""
    # not sys.stdin: its lock would still be held by this thread when the interpreter ends
    while part := os.read(0, 65536):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            sampler.command(json.loads(line))
    sampler.end()


def _allow_many_files() -> None:
    """A watched process costs two descriptors, and a runner may have hundreds of children."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    sys.exit(main())
