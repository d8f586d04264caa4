"""The sampler: a process of its own that writes what the hardware does into a folder.

``python -m stages.trace.sampler SCRATCH HZ``, started by ``tracer.py``. Standard input carries
commands, one JSON object a line: ``{"watch": PID, "model": KEY or null, "role": ROLE}``,
``{"forget": PID}``, ``{"follow": KEY, …}`` with what ``Followed`` has, and ``{"unfollow": KEY}``;
its end, the parent's death or SIGTERM end the sampler after a last reading.
When the first tick is read it says ``{"ready": true, "energy": …}`` on standard output; energy:
whether some counter of joules can be read.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any

from stages.trace.chores import Chores
from stages.trace.clock import SECOND, Anchor, Pacer, Suspends
from stages.trace.followed import Followed
from stages.trace.keeper import Keeper
from stages.trace.lanes import gpu, held
from stages.trace.lanes.here import lanes, peak_memory_bytes, process_lane
from stages.trace.lanes.lane import Lane, LaneMissing, Rows, Sparing, rows_of, why
from stages.trace.lanes.pss import PssThread
from stages.trace.log import ANCHOR_COLUMNS, ANCHORS, EVENT_COLUMNS, EVENTS, Format, Row

if sys.platform != "win32":
    import resource

_PATIENCE_S = 0.5
_GPU_START_S = 2.0
_LOOK_S = 0.2  # for a process that is wanted: a list of all of them is no small reading
_HAND_OVER_NS = 2 * SECOND // 5
_GAP_NS = SECOND
_LONGEST_SLEEP_S = 0.2
_LONGEST_SLEEP_NS = SECOND // 5
_FAULTS = (OSError, LaneMissing, ValueError, LookupError)


class Sampler:
    """The lanes, their store and the loop that reads the ones into the other."""

    def __init__(self, scratch: Path, hz: float) -> None:
        self._hz = hz
        self._gap_ns = max(_GAP_NS, 5 * SECOND / hz)
        self._suspends = Suspends()
        self._parent = os.getppid()
        # Filled by other threads and by signals, emptied by the loop.
        self._emitted: deque[tuple[str, Rows]] = deque()
        self._commands: deque[dict[str, Any]] = deque()
        self._failed: set[str] = set()
        self._ending = False
        self._handed_over_ns = 0
        self._ticked_ns = time.monotonic_ns()

        self._processes = process_lane(self.note)
        rest = lanes(self.note, self._processes.pids)
        self._keep([self._processes, *rest])
        self._gpus = gpu.GpuThreads(hz, self.note, self.emit, self._processes.model_of)
        self._held = held.HeldThread(self.note, self.emit)
        self._pss = PssThread(self._processes.measure_pss)
        self._format = Format()
        self._format.declare(EVENTS, EVENT_COLUMNS)
        self._format.declare(ANCHORS, ANCHOR_COLUMNS)
        for lane in self._lanes:
            self._format.declare(lane.table, lane.columns)
        for table, columns in (gpu.TABLES | held.TABLES).items():
            self._format.declare(table, columns)
        self._keeper = Keeper(scratch, self._format.header)

    def note(
        self, kind: str, lane: str, subject: str | None, value: float | None, detail: str | None
    ) -> None:
        """Keep an event. Any thread may call this."""
        self.emit(EVENTS, [(time.monotonic_ns(), kind, lane, subject, value, detail)])

    def emit(self, table: str, rows: Rows) -> None:
        """Keep these rows. Any thread may call this."""
        self._emitted.append((table, rows))

    def command(self, command: dict[str, Any]) -> None:
        """Obey a command before the next tick."""
        self._commands.append(command)

    def end(self) -> None:
        """End after a last reading."""
        self._ending = True

    def run(self) -> None:
        """Read until told to end. Raises ``OSError`` when the folder can't be written to."""
        self._keeper.start()
        self._keep([lane for lane in self._lanes if self._opens(lane)])
        self._gpus.start()
        self._held.start()
        self._pss.start()
        self._processes.watch(os.getpid(), None, "tracer")
        chores = self._chores()
        self._gpus.connected.wait(_GPU_START_S)
        ticks = Pacer(self._hz, time.monotonic_ns())
        self._ticked_ns = ticks.deadline_ns
        while not self._ending:
            # Not by waiting for an event: a wake-up out of that costs half as much again.
            if (left := ticks.deadline_ns - time.monotonic_ns()) > 0:
                time.sleep(left / SECOND if left < _LONGEST_SLEEP_NS else _LONGEST_SLEEP_S)
            if self._commands:
                self._obey_all()
            now = time.monotonic_ns()
            if now >= ticks.deadline_ns:
                ticks.arrive(now)
                self._tick(now)
                if ticks.ticks == 1:
                    self._say_ready()
            if now >= chores.next_ns:
                chores.do(ticks.deadline_ns)
            if now - self._handed_over_ns >= _HAND_OVER_NS:
                self._hand_over(now)
        self._obey_all()
        for lane in self._every_tick:  # a process whose last row is older has ended before this
            if isinstance(lane, Sparing):
                lane.read_all_next()
        self._tick(time.monotonic_ns())
        for lane in self._lanes:  # what is read now and then is read at the end as well
            if lane.period_s:
                self._read(lane)
        self._finish(ticks)

    def _chores(self) -> Chores:
        chores = Chores()
        chores.add(60, self._anchor)
        chores.add(1, self._look_for_parent)
        look = self._processes.look
        surveys: dict[str, tuple[float, Callable[[], None]]] = {
            "runners that are wanted": (_LOOK_S, partial(look, wanted=True)),
            "runners": (1, look),
            "children": (1, self._processes.find_children),
            "context switches": (1, self._processes.count_switches),
            "sockets": (1, self._processes.count_sockets),
        }
        for what, (period_s, survey) in surveys.items():
            chores.add(period_s, partial(self._survey, what, survey))
        for lane in self._lanes:
            if lane.period_s:
                chores.add(lane.period_s, partial(self._read, lane))
        return chores

    def _say_ready(self) -> None:
        energy = self._gpus.has_energy or any(lane.table == "trace_energy" for lane in self._lanes)
        print(json.dumps({"ready": True, "energy": energy}), flush=True)

    def _obey_all(self) -> None:
        while self._commands:
            self._obey(self._commands.popleft())

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
            self._processes.read_all_next()
            self._read(self._processes)
            if "forget" in command:
                self._processes.forget(command["forget"])
            else:
                self._processes.unfollow(command["unfollow"])
                self._held.unfollow(command["unfollow"])

    def _tick(self, now: int) -> None:
        if slept := self._suspends.slept_ns():
            detail = "seconds that the machine was suspended"
            self.note("suspend", "clock", None, slept / SECOND, detail)
        if (gap := now - self._ticked_ns) > self._gap_ns:
            detail = "seconds without a reading: the tracer was stopped, or the machine too busy"
            self.note("gap", "sampler", None, gap / SECOND, detail)
        self._ticked_ns = now
        for lane in self._every_tick:
            try:
                self._emitted.append((lane.table, lane.read(time.monotonic_ns())))
            except _FAULTS as error:
                self._lose(lane, error)

    def _read(self, lane: Lane) -> None:
        if lane in self._lanes:
            try:
                self.emit(lane.table, lane.read(time.monotonic_ns()))
            except _FAULTS as error:
                self._lose(lane, error)

    def _keep(self, lanes: list[Lane]) -> None:
        self._lanes = lanes
        self._every_tick = [lane for lane in lanes if not lane.period_s]

    def _lose(self, lane: Lane, error: Exception) -> None:
        self.note("lane_missing", lane.name, None, None, f"from here on: {why(error)}")
        self._keep([other for other in self._lanes if other is not lane])
        lane.close()

    def _survey(self, what: str, survey: Callable[[], None]) -> None:
        try:
            survey()
        except _FAULTS as error:
            if what not in self._failed:
                self._failed.add(what)
                self.note("lane_missing", "process", what, None, f"at times: {why(error)}")

    def _look_for_parent(self) -> None:
        # Whoever inherited our parent's end of the pipe could keep it open past its death.
        if os.getppid() != self._parent:
            self.end()

    def _anchor(self) -> None:
        self.emit(ANCHORS, [astuple(Anchor.read())])

    def _opens(self, lane: Lane) -> bool:
        try:
            lane.open()
        except _FAULTS as error:
            self.note("lane_missing", lane.name, None, None, why(error))
            return False
        return True

    def _hand_over(self, now: int) -> None:
        """Give what was read to the keeper. Raises ``OSError`` where the disk refused it."""
        if self._keeper.fault:
            raise self._keeper.fault
        self._handed_over_ns = now
        tables: dict[str, list[Row]] = {}
        while self._emitted:
            table, rows = self._emitted.popleft()
            try:
                tables.setdefault(table, []).extend(self._format.checked(table, rows_of(rows)))
            except _FAULTS as error:
                for lane in [lane for lane in self._lanes if lane.table == table]:
                    self._lose(lane, error)
        self._keeper.put(b"".join([self._format.lines(*rows) for rows in tables.items()]))

    def _finish(self, ticks: Pacer) -> None:
        for thread in (self._gpus, self._held, self._pss):
            thread.stop(_PATIENCE_S)
        self.note("ticks", "sampler", None, ticks.ticks, "ticks made")
        self.note("late", "sampler", None, ticks.late, "ticks over half a period late")
        self.note("missed", "sampler", None, ticks.missed, "ticks not made")
        self.note("cost", "sampler", "cpu", time.process_time(), "CPU seconds of the sampler")
        memory = peak_memory_bytes()
        self.note("cost", "sampler", "memory", memory, "bytes, its largest resident memory")
        self._anchor()
        self._hand_over(time.monotonic_ns())
        self._keeper.close()


def main() -> int:
    """Sample until standard input ends."""
    scratch, hz = Path(sys.argv[1]), float(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it ends us in order
    _allow_many_files()
    calm_collector()
    try:
        sampler = Sampler(scratch, hz)
        signal.signal(signal.SIGTERM, lambda *_: sampler.end())
        threading.Thread(target=_listen, args=(sampler,), name="commands", daemon=True).start()
        sampler.run()
    except OSError as error:
        print(f"the sampler stopped: {why(error)}", file=sys.stderr)
        return 1
    return 0


def calm_collector() -> None:
    """What is loaded by now stays: no need to look through it again and again."""
    gc.freeze()
    gc.set_threshold(10_000)


def _listen(sampler: Sampler) -> None:
    rest = b""
    # not sys.stdin: its lock would still be held by this thread when the interpreter ends
    while part := os.read(0, 65536):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            sampler.command(json.loads(line))
    sampler.end()


def _allow_many_files() -> None:
    """A watched process costs three descriptors, and a runner may have hundreds of children."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    sys.exit(main())
