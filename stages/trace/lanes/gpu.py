"""NVIDIA GPUs, read in a thread of their own: a driver's call may block for 0.1 s and more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pynvml

from stages.trace.clock import SECOND, Pacer
from stages.trace.lanes.lane import Note, why
from stages.trace.log import SUFFIX, Log, Row
from stages.trace.nvml import connect, product_name, reason

TABLE = "trace_gpu"
COLUMNS: tuple[str, ...] = (
    "t_ns",
    "gpu",
    "name",
    "utilisation_percent",
    "memory_used_bytes",
    "memory_total_bytes",
    "power_mw",
    "energy_mj",
    "temperature_c",
)

# The driver's way to say "none" in a figure that it otherwise fills (NVML_VALUE_NOT_AVAILABLE).
_NONE = {2**64 - 1, 2**32 - 1}

# Errors that will be the same at the next tick: the figure isn't asked for again.
_LASTING = {
    pynvml.NVML_ERROR_NOT_SUPPORTED,
    pynvml.NVML_ERROR_NO_PERMISSION,
    pynvml.NVML_ERROR_FUNCTION_NOT_FOUND,  # an older driver
}


class Gpu:
    """One GPU. A figure that can't be had is null, and noted the first time."""

    def __init__(self, nvml: Any, index: int, note: Note) -> None:
        self.index = index
        self._handle = nvml.nvmlDeviceGetHandleByIndex(index)
        self._name = product_name(nvml, self._handle)
        self._note = note
        self._noted: set[str] = set()
        sensor = pynvml.NVML_TEMPERATURE_GPU
        self._ask: dict[str, Callable[[Any], Any]] = {
            "utilisation": nvml.nvmlDeviceGetUtilizationRates,
            "memory": nvml.nvmlDeviceGetMemoryInfo,
            "power": nvml.nvmlDeviceGetPowerUsage,
            "energy": nvml.nvmlDeviceGetTotalEnergyConsumption,
            "temperature": lambda handle: nvml.nvmlDeviceGetTemperature(handle, sensor),
        }

    def read(self) -> Row:
        """One row. Raises ``NVMLError`` when the GPU is lost."""
        # The energy counter first, close to the time that the row carries.
        t_ns = time.monotonic_ns()
        energy = self._value("energy")
        power = self._value("power")
        use = self._value("utilisation")
        memory = self._value("memory")
        return (
            t_ns,
            self.index,
            self._name,
            None if use is None else int(use.gpu),
            None if memory is None else _known(memory.used),
            None if memory is None else _known(memory.total),
            _known(power),
            _known(energy),
            self._value("temperature"),
        )

    def _value(self, figure: str) -> Any:
        if (ask := self._ask.get(figure)) is None:
            return None
        try:
            return ask(self._handle)
        except pynvml.NVMLError as error:
            if error.value == pynvml.NVML_ERROR_GPU_IS_LOST:
                raise
            if error.value in _LASTING:
                del self._ask[figure]
            if figure not in self._noted:
                self._noted.add(figure)
                subject = f"{figure} of GPU {self.index}"
                self._note("lane_missing", "gpu", subject, None, reason(error))
            return None


def _known(figure: int | None) -> int | None:
    return None if figure in _NONE else figure


class GpuThread(threading.Thread):
    """Writes ``trace_gpu`` at ``hz`` until ``stop``; without a GPU it notes why and ends."""

    def __init__(self, scratch: Path, hz: float, note: Note, nvml: Any = pynvml) -> None:
        super().__init__(name="gpu", daemon=True)
        self._path = scratch / f"{TABLE}{SUFFIX}"
        self._hz = hz
        self._note = note
        self._nvml = nvml
        self._stop_asked = threading.Event()

    def stop(self, patience_s: float) -> None:
        """End after the call under way; a call that blocks longer than ``patience_s`` is left."""
        self._stop_asked.set()
        self.join(patience_s)

    def run(self) -> None:
        """Connect, then read until asked to stop."""
        count, why_none = connect(self._nvml)
        if why_none:
            self._note("lane_missing", "gpu", None, None, why_none)
            return
        try:
            self._sample(count)
        except OSError as error:
            self._note("lane_missing", "gpu", None, None, why(error))
        finally:
            self._nvml.nvmlShutdown()

    def _sample(self, count: int) -> None:
        gpus = [gpu for index in range(count) if (gpu := self._open(index))]
        log = Log(self._path, COLUMNS)
        pacer = Pacer(self._hz, time.monotonic_ns())
        while gpus and not self._stop_asked.wait(
            max(0, pacer.deadline_ns - time.monotonic_ns()) / SECOND
        ):
            pacer.arrive(time.monotonic_ns())
            for gpu in list(gpus):
                try:
                    log.append([gpu.read()])
                except pynvml.NVMLError as error:
                    gpus.remove(gpu)
                    self._note("lane_missing", "gpu", f"GPU {gpu.index}", None, reason(error))
        log.close()

    def _open(self, index: int) -> Gpu | None:
        try:
            return Gpu(self._nvml, index, self._note)
        except pynvml.NVMLError as error:
            self._note("lane_missing", "gpu", f"GPU {index}", None, reason(error))
            return None
