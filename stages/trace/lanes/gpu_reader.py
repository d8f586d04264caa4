"""One GPU read at the tracer's rate, and its energy counter when it steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from stages.trace.clock import SECOND, Pacer
from stages.trace.lanes.gpu_device import Gpu
from stages.trace.lanes.gpu_lookout import DEAR_S, Lookout
from stages.trace.lanes.lane import Emit
from stages.trace.log import Row

TABLE, PROCESS_TABLE = "trace_gpu", "trace_gpu_process"

_PROCESSES_HZ = 1.0
# The energy counter is read for this share of the time at the most, and of a core's; and what of
# the latter it may take at once, to learn how the counter steps.
_SHARE, _CPU_SHARE, _MOST_CPU_SHARE, _CREDIT_NS = 0.2, 0.04, 0.06, SECOND


class GpuReader:
    """Emits whole rows at ``hz``, and between them readings of the energy counter.

    Of these it keeps the last before a step and the first after it. Where they take the processor
    long, the whole rows have none. ``tell`` is called once, with whether the GPU counts energy.
    """

    def __init__(self, gpu: Gpu, hz: float, emit: Emit, tell: Callable[[bool], None]) -> None:
        self._gpu = gpu
        self._hz = hz
        self._emit = emit
        self._tell: Callable[[bool], None] | None = tell
        self._began_ns = self._look_ns = time.monotonic_ns()
        self._lookout = Lookout(self._began_ns)
        self._looks = self._cpu_ns = self._took_ns = 0
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
            if stopping or now >= self._look_ns or (tick and self._apart_s <= DEAR_S):
                self._look(tick)
            elif tick:
                self._emit(TABLE, [self._gpu.row(now, None)])
            if tick:
                ticks.arrive(now)
            if stopping or now >= seconds.deadline_ns:
                seconds.arrive(now)
                self._emit(PROCESS_TABLE, self._gpu.processes())
            next_ns = min(ticks.deadline_ns, self._look_ns)
            stop_asked.wait(max(0, next_ns - time.monotonic_ns()) / SECOND)

    @property
    def _apart_s(self) -> float:
        """How far apart readings of the counter have to be for the CPU time that they take."""
        return self._cpu_ns / self._looks / _CPU_SHARE / SECOND if self._looks else 0.0

    def _look(self, tick: bool) -> None:
        """Read the counter, and at a tick the rest; settles when to look at the counter next."""
        began, cpu_ns = time.monotonic_ns(), time.thread_time_ns()
        energy_mj = self._gpu.energy()
        ended = time.monotonic_ns()
        self._looks += 1
        self._took_ns += ended - began
        self._cpu_ns += time.thread_time_ns() - cpu_ns
        if self._tell:
            self._tell(energy_mj is not None)
            self._tell = None
        if energy_mj is None:
            self._look_ns = ended + SECOND
            if tick:
                self._emit(TABLE, [self._gpu.row(began, None)])
            return
        stepped = self._last_mj is not None and energy_mj != self._last_mj
        # Which moment of the call it shows isn't known: it had stepped by the end, if it had, and
        # hadn't at the beginning, if it hadn't.
        t_ns = ended if stepped else began
        took_ns = self._took_ns / self._looks
        self._lookout.saw(t_ns, stepped, self._apart_s, took_ns / SECOND)
        if self._apart_s > DEAR_S:
            least_ns = self._began_ns + round((self._cpu_ns - _CREDIT_NS) / _MOST_CPU_SHARE)
        else:
            least_ns = ended + round(took_ns / _SHARE)
        self._look_ns = max(self._lookout.next_ns, least_ns)
        rows: list[Row] = []
        if stepped and self._unkept:
            rows.append(self._gpu.energy_row(*self._unkept))
        if tick:
            rows.append(self._gpu.row(t_ns, energy_mj))
        elif stepped:
            rows.append(self._gpu.energy_row(t_ns, energy_mj))
        self._unkept = None if stepped or tick else (t_ns, energy_mj)
        self._last_mj = energy_mj
        if rows:
            self._emit(TABLE, rows)
