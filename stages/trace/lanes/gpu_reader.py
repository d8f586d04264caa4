"""One GPU read at the tracer's rate, and its energy counter when it steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from stages.trace.clock import SECOND, Pacer
from stages.trace.lanes.gpu_device import Gpu
from stages.trace.lanes.gpu_lookout import Lookout
from stages.trace.lanes.lane import Emit
from stages.trace.log import Row

TABLE, PROCESS_TABLE = "trace_gpu", "trace_gpu_process"

_PROCESSES_HZ = 1.0
# Between ticks, the energy counter is read for this share of the time at the most.
_SHARE = 0.2


class GpuReader:
    """Emits whole rows at ``hz``, and between them readings of the energy counter.

    Of these it keeps the last before a step and the first after it. ``tell`` is called once, with
    whether the GPU counts energy.
    """

    def __init__(self, gpu: Gpu, hz: float, emit: Emit, tell: Callable[[bool], None]) -> None:
        self._gpu = gpu
        self._hz = hz
        self._emit = emit
        self._tell: Callable[[bool], None] | None = tell
        self._lookout = Lookout(time.monotonic_ns())
        self._last_mj: int | None = None
        self._unkept: tuple[int, int] | None = None

    def run(self, stop_asked: threading.Event) -> None:
        """Read until asked to stop, and once more. Raises the driver's error at the GPU's loss."""
        now = time.monotonic_ns()
        ticks, seconds = Pacer(self._hz, now), Pacer(_PROCESSES_HZ, now)
        stopping = False
        while not stopping:
            stopping = stop_asked.is_set()
            now = time.monotonic_ns()
            tick = stopping or now >= ticks.deadline_ns
            look_ns = self._look(tick)
            if tick:
                ticks.arrive(now)
            if stopping or now >= seconds.deadline_ns:
                seconds.arrive(now)
                self._emit(PROCESS_TABLE, self._gpu.processes())
            next_ns = min(ticks.deadline_ns, look_ns)
            stop_asked.wait(max(0, next_ns - time.monotonic_ns()) / SECOND)

    def _look(self, tick: bool) -> int:
        """Read the counter, and at a tick the rest; returns when to look at the counter next."""
        began = time.monotonic_ns()
        t_ns, energy_mj = self._gpu.energy()
        ended = time.monotonic_ns()
        if self._tell:
            self._tell(energy_mj is not None)
            self._tell = None
        rows: list[Row] = []
        next_ns = ended + SECOND
        if energy_mj is not None:
            stepped = self._last_mj is not None and energy_mj != self._last_mj
            self._lookout.saw(t_ns, stepped)
            next_ns = max(self._lookout.next_ns, ended + round((ended - began) / _SHARE))
            if stepped and self._unkept:
                rows.append(self._gpu.energy_row(*self._unkept))
            if stepped and not tick:
                rows.append(self._gpu.energy_row(t_ns, energy_mj))
            self._unkept = None if stepped or tick else (t_ns, energy_mj)
            self._last_mj = energy_mj
        if tick:
            rows.append(self._gpu.row(t_ns, energy_mj))
        if rows:
            self._emit(TABLE, rows)
        return next_ns
