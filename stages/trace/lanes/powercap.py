"""Energy counters of processors (RAPL), in µJ, as Linux shows them under /sys/class/powercap.

See the kernel's Documentation/power/powercap/powercap.rst. Of the zones below a package, core and
uncore are part of its energy and dram isn't; psys is nearly the whole machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from stages.trace.lanes.energy_zone import EnergyZone, text_of
from stages.trace.lanes.figure import figure
from stages.trace.lanes.lane import LaneMissing, Note, why
from stages.trace.log import Row

COLUMNS: tuple[str, ...] = ("t_ns", "zone", "name", "above", "energy_uj", "range_uj")

_ZONE = re.compile(r"[A-Za-z][\w-]*(:\d+)+", re.ASCII)
_AGAIN = "intel-rapl-mmio:"
_NONE = (
    "the kernel shows no energy counters, as in virtual machines; on a processor by Intel or AMD "
    "load the driver with `sudo modprobe intel_rapl_msr`"
)
_HIDDEN = (
    "the energy counters are hidden from this container; start it with "
    "`--security-opt systempaths=unconfined` (Docker) or `--security-opt unmask=ALL` (Podman)"
)
_DENIED = (
    "for root alone since Linux 5.10; run as root, or let everybody read it until the next start "
    "(who can then spy on what others compute: PLATYPUS) with "
    "`sudo chmod a+r /sys/class/powercap/*/energy_uj`"
)


class PowercapLane:
    """A row for each zone and each zone below it.

    Newer laptops show a package's counter a second time, as ``intel-rapl-mmio``. Such a zone is
    left out where ``intel-rapl`` has one of the same name, so that nothing is added up twice.
    """

    name = "powercap"
    table = "trace_energy"
    columns = COLUMNS
    period_s = 0.0

    def __init__(self, note: Note, root: Path = Path("/")) -> None:
        self._note = note
        self._class = root / "sys/class/powercap"
        self._zones: list[EnergyZone] = []

    def open(self) -> None:
        """Find the zones and open their counters."""
        folders = _folders(self._class)
        faults: dict[str, str] = {}
        opened: set[tuple[str, ...]] = set()
        for zone in sorted(folders, key=lambda zone: (zone.startswith(_AGAIN), zone)):
            measured = tuple(
                text_of(folders[holder] / "name") for holder in _holders(zone, folders)
            )
            if zone.startswith(_AGAIN) and measured in opened:
                continue
            try:
                self._zones.append(EnergyZone(folders[zone]))
                opened.add(measured)
            except FileNotFoundError:
                continue  # it limits power and counts no energy
            except OSError as error:
                faults[zone] = _reason(error)
        if not self._zones:
            hidden = not folders and any(_ZONE.fullmatch(path.name) for path in _in(self._class))
            raise LaneMissing(next(iter(faults.values()), _HIDDEN if hidden else _NONE))
        for zone, fault in faults.items():
            self._note("lane_missing", self.name, zone, None, fault)

    def read(self, t_ns: int) -> Callable[[], list[Row]]:
        """A row for each zone. Raises ``LaneMissing`` when the last one is gone."""
        texts: list[tuple[EnergyZone, bytes]] = []
        for zone in self._zones[:]:
            try:
                texts.append((zone, zone.read()))
            except OSError as error:
                self._zones.remove(zone)
                zone.close()
                detail = f"from here on: {_reason(error)}"
                self._note("lane_missing", self.name, zone.zone, None, detail)
        if not self._zones:
            raise LaneMissing("no energy counter is left")
        return partial(self._rows, t_ns, texts)

    def close(self) -> None:
        """Close the counters."""
        while self._zones:
            self._zones.pop().close()

    def _rows(self, t_ns: int, texts: list[tuple[EnergyZone, bytes]]) -> list[Row]:
        rows: list[Row] = []
        for zone, text in texts:
            energy = figure(text)
            if energy is not None:
                rows.append((t_ns, zone.zone, zone.name, zone.above, energy, zone.range_uj))
            elif not zone.told:
                zone.told = True
                detail = "at least once there was no number in its file"
                self._note("lane_missing", self.name, zone.zone, None, detail)
        return rows


def _reason(error: OSError) -> str:
    return f"{why(error)}, {_DENIED}" if isinstance(error, PermissionError) else why(error)


def _in(folder: Path) -> list[Path]:
    with suppress(OSError):
        return list(folder.iterdir())
    return []


def _folders(top: Path) -> dict[str, Path]:
    """Zones and where they are: side by side, as the kernel links them, or in one another."""
    found: dict[str, Path] = {}
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        for path in _in(folder):
            zone = path.name
            if folder == top and ":" not in zone:
                waiting.append(path)  # a kind of zone
            elif _ZONE.fullmatch(zone) and zone not in found and path.is_dir():
                found[zone] = path
                waiting.append(path)
    return found


def _holders(zone: str, among: dict[str, Path]) -> Iterator[str]:
    """A zone, the one that holds it, and so on."""
    while zone in among:
        yield zone
        zone = zone.rpartition(":")[0]
