"""NVIDIA GPUs, each read in a thread of its own: a driver's call may block for 0.1 s and more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from stages.trace.lanes.gpu_device import COLUMNS, PROCESS_COLUMNS, Gpu
from stages.trace.lanes.gpu_reader import PROCESS_TABLE, TABLE, GpuReader
from stages.trace.lanes.lane import Emit, Note
from stages.trace.nvml import connect, disconnect, library, reason

TABLES = {TABLE: COLUMNS, PROCESS_TABLE: PROCESS_COLUMNS}


class GpuThreads:
    """The rows of every GPU until ``stop``; where there is none it notes why.

    ``connected`` is set once it is known whether there are GPUs and whether they count energy;
    ``has_energy`` then says if any does. ``nvml`` is the module ``pynvml`` unless given.
    """

    def __init__(
        self,
        hz: float,
        note: Note,
        emit: Emit,
        model_of: Callable[[int], str | None],
        nvml: Any = None,
    ) -> None:
        self.connected = threading.Event()
        self.has_energy = False
        self._hz, self._note, self._emit, self._model_of = hz, note, emit, model_of
        self._nvml = nvml
        self._stop_asked = threading.Event()
        # Connecting can block, too. What it starts joins the list.
        self._threads = [threading.Thread(target=self._connect, name="gpus", daemon=True)]
        self._lock = threading.Lock()
        self._untold: set[int] = set()
        self._running: set[int] = set()

    def start(self) -> None:
        """Connect to the driver and read, in threads."""
        self._threads[0].start()

    def stop(self, patience_s: float) -> None:
        """End after a last reading; a call that blocks longer than ``patience_s`` is left."""
        self._stop_asked.set()
        until = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0, until - time.monotonic()))

    def _connect(self) -> None:
        try:
            self._nvml = self._nvml or library()
            count, why_none = connect(self._nvml)
        except Exception as error:  # noqa: BLE001 (whatever importing does)
            count, why_none = 0, reason(error)
        if not count:
            self._note("lane_missing", "gpu", None, None, why_none)
            self.connected.set()
            return
        self._untold, self._running = set(range(count)), set(range(count))
        for index in range(count):
            reader = threading.Thread(
                target=self._read, args=(index,), name=f"gpu {index}", daemon=True
            )
            reader.start()
            self._threads.append(reader)

    def _read(self, index: int) -> None:
        tell = partial(self._tell, index)
        try:
            gpu = Gpu(self._nvml, index, self._note, self._model_of)
            GpuReader(gpu, self._hz, self._emit, tell).run(self._stop_asked)
        except Exception as error:  # noqa: BLE001 (a driver may do anything)
            self._note("lane_missing", "gpu", f"GPU {index}", None, reason(error))
        finally:
            tell(False)
            self._ended(index)

    def _tell(self, index: int, has_energy: bool) -> None:
        with self._lock:
            self.has_energy |= has_energy
            self._untold.discard(index)
            if not self._untold:
                self.connected.set()

    def _ended(self, index: int) -> None:
        """Let go of the driver with the last thread: it crashes where another still calls it."""
        with self._lock:
            self._running.discard(index)
            last = not self._running
        if last:
            disconnect(self._nvml)
