"""The slow lanes through psutil, and those that only Linux has something for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psutil

from stages.trace.lanes import cores, temperature
from stages.trace.lanes.cgroup import CgroupLane
from stages.trace.lanes.lane import Lane, LaneMissing, Note
from stages.trace.lanes.portable import NothingOpen, kernel_s, to_ns, user_s
from stages.trace.lanes.powercap import PowercapLane
from stages.trace.lanes.pressure import PressureLane
from stages.trace.log import Row

_HZ_OF_MHZ = 1_000_000


class PortableCores(NothingOpen):
    """CPU time of each logical core, and its frequency where the system tells each one's."""

    name = "cores"
    table = "trace_core"
    columns = cores.COLUMNS
    period_s = 1.0

    def __init__(self, note: Note) -> None:
        self._note = note
        self._told = False

    def read(self, t_ns: int) -> list[Row]:
        """A row for each core."""
        times = psutil.cpu_times(percpu=True)
        frequencies = self._frequencies(len(times))
        return [
            (
                t_ns,
                core,
                to_ns(user_s(cpu)),
                to_ns(kernel_s(cpu)),
                to_ns(cpu.idle),
                to_ns(getattr(cpu, "steal", None)),
                frequency,
                None,
                None,
            )
            for core, (cpu, frequency) in enumerate(zip(times, frequencies, strict=True))
        ]

    def _frequencies(self, cores: int) -> Sequence[int | None]:
        found: Sequence[Any] = ()
        with suppress(AttributeError, OSError, RuntimeError, NotImplementedError):
            found = psutil.cpu_freq(percpu=True) or ()
        # A single figure for all is the nominal one, which never changes (macOS, Windows).
        if len(found) == cores > 1:
            return [round(one.current * _HZ_OF_MHZ) or None for one in found]
        if not self._told:
            self._told = True
            detail = "the system tells no present frequency of each core"
            self._note("lane_missing", self.name, "frequency", None, detail)
        return [None] * cores


class PortableTemperature(NothingOpen):
    """Temperatures where psutil knows how to read them, which is not on macOS and Windows."""

    name = "temperature"
    table = "trace_temperature"
    columns = temperature.COLUMNS
    period_s = 1.0

    def open(self) -> None:
        """See whether there is a sensor."""
        if not self.read(0):
            raise LaneMissing("this version reads no temperatures on this system")

    def read(self, t_ns: int) -> list[Row]:
        """A row for each sensor that gives a temperature."""
        ask = getattr(psutil, "sensors_temperatures", dict)
        found = [
            ((chip, sensor.label, f"{chip} {at}"), sensor.current)
            for chip, sensors in ask().items()
            for at, sensor in enumerate(sensors)
        ]
        names = temperature.unique([naming for naming, _ in found])
        return [
            (t_ns, name, celsius)
            for name, (_, celsius) in zip(names, found, strict=True)
            if celsius is not None and temperature.is_plausible(celsius)
        ]


class Absent(NothingOpen):
    """A lane that only Linux has something for."""

    period_s = 1.0

    def __init__(self, like: type[Lane], reason: str) -> None:
        self.name, self.table, self.columns = like.name, like.table, like.columns
        self._reason = reason

    def open(self) -> None:
        """Say why it is missing."""
        raise LaneMissing(self._reason)

    def read(self, t_ns: int) -> list[Row]:  # noqa: ARG002 (other lanes need it)
        """Nothing."""
        return []


ABSENT = {
    "powercap": Absent(PowercapLane, "the processor's energy is read on Linux only"),
    "pressure": Absent(PressureLane, "pressure stall information is Linux's own"),
    "cgroup": Absent(CgroupLane, "control groups are Linux's own"),
}
"""By name."""
