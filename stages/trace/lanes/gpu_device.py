"""One NVIDIA GPU. A figure that can't be had is null, and noted the first time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from stages.trace.clock import SECOND
from stages.trace.lanes.gpu_figures import ENERGY, FIGURES, Figure, believed
from stages.trace.lanes.lane import Note
from stages.trace.log import Row, Value
from stages.trace.nvml import (
    FUNCTION_NOT_FOUND,
    GPU_IS_LOST,
    NO_PERMISSION,
    NOT_SUPPORTED,
    number,
    product_name,
    reason,
)

COLUMNS: tuple[str, ...] = (
    "t_ns",
    "gpu",
    "name",
    *(column for figure in (ENERGY, *FIGURES) for column in figure.columns),
)
PROCESS_COLUMNS: tuple[str, ...] = ("t_ns", "gpu", "pid", "model", "memory_bytes")

# Errors that will be the same at the next tick: the figure isn't asked for again.
_LASTING = {NOT_SUPPORTED, NO_PERMISSION, FUNCTION_NOT_FOUND}
# A figure that takes long is asked for less often: it takes at most this share of the time.
_LONG_S, _SHARE = 0.01, 0.05
_MOST = 1000  # processes
_DIVIDED = (
    "not given for a GPU that is divided into instances; `nvidia-smi -mig 0` makes it whole again"
)

T = TypeVar("T")


class Gpu:
    """The readings of one GPU. Each raises the driver's error when the GPU is lost."""

    def __init__(
        self, nvml: Any, index: int, note: Note, model_of: Callable[[int], str | None]
    ) -> None:
        self.index = index
        self._nvml = nvml
        self._note = note
        self._model_of = model_of
        self._missed: set[str] = set()
        self._given_up: set[str] = set()
        self._due_ns: dict[str, int] = {}
        self._handle = nvml.nvmlDeviceGetHandleByIndex(index)
        self._name = self._asked("name", lambda: product_name(nvml, self._handle))

    def energy(self) -> int | None:
        """The energy counter, mJ."""
        answers = self._asked(ENERGY.name, partial(ENERGY.ask, self._nvml, self._handle))
        return self._believed(ENERGY, answers[0]) if answers else None

    def energy_row(self, t_ns: int, energy_mj: int | None) -> Row:
        """A row of the energy counter alone."""
        return self._row({"t_ns": t_ns, "energy_mj": energy_mj})

    def row(self, t_ns: int, energy_mj: int | None) -> Row:
        """A row of all figures that are due, with the energy counter's if that was read."""
        values: dict[str, Value] = {"t_ns": t_ns, "energy_mj": energy_mj}
        for figure in FIGURES:
            began = time.monotonic_ns()
            if began < self._due_ns.get(figure.name, 0):
                continue
            answers = self._asked(figure.name, partial(figure.ask, self._nvml, self._handle))
            took_s = (time.monotonic_ns() - began) / SECOND
            wait_s = max(figure.every_s, took_s / _SHARE if took_s > _LONG_S else 0)
            self._due_ns[figure.name] = began + round(wait_s * SECOND)
            for column, answer in zip(figure.columns, answers or (), strict=False):
                values[column] = self._believed(figure, answer)
        return self._row(values)

    def processes(self) -> list[Row]:
        """A row for each process that holds memory of it."""
        t_ns = time.monotonic_ns()
        held: dict[int, int | None] = {}
        for kind in ("Compute", "Graphics"):
            ask = partial(self._running, kind)
            for process in islice(self._asked(f"{kind.lower()} processes", ask) or (), _MOST):
                # A process that computes and draws is in both lists, each time with all it holds.
                pid, memory = self._process(process)
                if pid is not None:
                    held[pid] = max(memory or 0, held.get(pid) or 0) or memory
        return [
            (t_ns, self.index, pid, self._model_of(pid), memory) for pid, memory in held.items()
        ]

    def _running(self, kind: str) -> Iterable[Any]:
        ask = getattr(self._nvml, f"nvmlDeviceGet{kind}RunningProcesses")
        return list(ask(self._handle))

    def _process(self, process: Any) -> tuple[int | None, int | None]:
        pid = self._asked("process ids", lambda: believed(process.pid, most=2**32 - 2))
        memory = self._asked("memory of processes", lambda: _memory_of(process))
        return pid, memory

    def _row(self, values: dict[str, Value]) -> Row:
        values |= {"gpu": self.index, "name": self._name}
        return [values.get(column) for column in COLUMNS]

    def _believed(self, figure: Figure, answer: object) -> int | None:
        return self._asked(figure.name, partial(figure.believed, answer))

    def _asked(self, name: str, ask: Callable[[], T]) -> T | None:
        """What ``ask`` gives; null, and noted once, where it gives nothing."""
        if name in self._given_up:
            return None
        try:
            return ask()
        except Exception as error:  # a driver may do anything
            if number(error) == GPU_IS_LOST:
                raise
            if number(error) in _LASTING or isinstance(error, AttributeError):
                self._given_up.add(name)
            if name not in self._missed:
                self._missed.add(name)
                subject = f"{name} of GPU {self.index}"
                self._note("lane_missing", "gpu", subject, None, self._reason(error))
            return None

    def _reason(self, error: Exception) -> str:
        if number(error) == NOT_SUPPORTED:
            with suppress(Exception):
                if self._nvml.nvmlDeviceGetMigMode(self._handle)[0] == 1:
                    return _DIVIDED
        return reason(error)


def _memory_of(process: Any) -> int:
    if process.usedGpuMemory is None:
        raise ValueError("the driver doesn't tell it")
    return believed(process.usedGpuMemory)
