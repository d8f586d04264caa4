"""Temperatures from the sensors that Linux has drivers for, in °C.

From /sys/class/hwmon (the kernel's Documentation/hwmon/sysfs-interface.rst), which holds the
thermal zones of most machines too; where it is empty, from /sys/class/thermal.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from stages.trace.lanes.lane import KeptFile, LaneMissing, Note, why
from stages.trace.lanes.slow import Waits
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = ("t_ns", "sensor", "celsius")

# What such sensors are made for.
_COLDEST, _HOTTEST = -55.0, 150.0
_INPUT = re.compile(r"temp(\d+)_input")
_LONGEST = 80  # characters of a chip's or a label's name

# Chip, label, and what tells it from all others.
Naming = tuple[str, str, str]


class TemperatureLane:
    """A row for each sensor that gives a temperature."""

    name = "temperature"
    table = "trace_temperature"
    columns = COLUMNS
    period_s = 1.0

    def __init__(self, note: Note, root: Path = Path("/")) -> None:
        self._note = note
        self._class = root / "sys/class"
        self._files: dict[str, KeptFile] = {}
        self._told: set[str] = set()
        self._waits = Waits()

    def open(self) -> None:
        """Find and open the sensors."""
        found = list(self._chips()) or list(self._zones())
        if not found:
            raise LaneMissing(
                "no temperature sensor is visible, as in virtual machines and most containers; "
                "on hardware of your own `sudo sensors-detect` finds the driver to load"
            )
        names = unique([naming for naming, _ in found])
        for name, (_, path) in zip(names, found, strict=True):
            try:
                self._files[name] = KeptFile(path)
            except OSError as error:
                self._tell(name, why(error))
        if not self._files or not self.read(0):
            self.close()
            raise LaneMissing(f"no sensor gives a temperature, of {len(found)}")

    def read(self, t_ns: int) -> list[Row]:
        """A row for each sensor. Raises ``LaneMissing`` when the last one has been given up."""
        if not self._files:
            raise LaneMissing("no sensor answers without delay")
        values = [(name, self._celsius(name)) for name in list(self._files)]
        return [(t_ns, name, celsius) for name, celsius in values if celsius is not None]

    def close(self) -> None:
        """Close the sensors."""
        while self._files:
            self._files.popitem()[1].close()

    def _celsius(self, name: str) -> float | None:
        began = time.monotonic_ns()
        try:
            celsius = int(self._files[name].read()) / 1000
        except (OSError, ValueError) as error:
            self._tell(name, why(error))
            return None
        finally:
            if self._waits.too_long(name, began):
                self._files.pop(name).close()
                detail = "from here on: its driver keeps a reader waiting"
                self._note("lane_missing", self.name, name, None, detail)
        if not is_plausible(celsius):
            self._tell(name, f"it says {celsius:.0f} °C, as sensors do that aren't connected")
            return None
        return celsius

    def _tell(self, name: str, reason: str) -> None:
        if name not in self._told:
            self._told.add(name)
            self._note("lane_missing", self.name, name, None, reason)

    def _chips(self) -> Iterator[tuple[Naming, Path]]:
        for folder in sorted((self._class / "hwmon").glob("*")):
            chip = _text(folder / "name") or folder.name
            numbers = (_INPUT.fullmatch(path.name) for path in folder.glob("temp*_input"))
            for number in sorted(int(match[1]) for match in numbers if match):
                label = _text(folder / f"temp{number}_label") or f"temp{number}"
                where = f"{folder.name}/temp{number}"
                yield (chip, label, where), folder / f"temp{number}_input"

    def _zones(self) -> Iterator[tuple[Naming, Path]]:
        for folder in sorted((self._class / "thermal").glob("thermal_zone*")):
            yield (_text(folder / "type"), "", folder.name), folder / "temp"


def is_plausible(celsius: float) -> bool:
    """Whether a sensor can mean it; those that aren't connected give -273 or 255."""
    return _COLDEST <= celsius <= _HOTTEST


def unique(found: Sequence[Naming]) -> list[str]:
    """A name for each sensor: chip and label, with what tells them apart where two have it."""
    names = [f"{chip} {label}".strip() for chip, label, _ in found]
    times = Counter(names)
    return [
        f"{name} ({where})" if name and times[name] > 1 else name or where
        for name, (_, _, where) in zip(names, found, strict=True)
    ]


def _text(path: Path) -> str:
    with suppress(OSError):
        return " ".join(path.read_bytes().decode("utf-8", "replace").split())[:_LONGEST]
    return ""
