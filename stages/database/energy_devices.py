"""What measured energy in a session: each GPU, each processor package, its memory, the platform.

A device has one source only, so that nothing is counted twice. A GPU's is its energy counter; where
it has none, or a dead one, its power at each moment; else its power as a mean of a second. Of the
processor's zones (RAPL) the packages count and the memory (dram) below them. core and uncore are
part of their package, a package's zone under mmio is the same counter again, and psys is nearly
the whole machine: a device of its own that holds the packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from stages.database.arrays import arrays
from stages.trace.energy import Curve, from_counter, from_power, unwrapped

EQUAL, BY_CPU = "equal parts", "CPU time"

_PACKAGE = re.compile(r"package-(\d+(?:-die-\d+)?)", re.ASCII)
_SECOND_S = 1.0
_RAPL_S = 0.001  # Intel's Software Developer's Manual, volume 3, 16.10; AMD's are as fast

Numbers = Any  # arrays as the database hands them over


@dataclass(frozen=True)
class Device:
    """A device of a session. ``rule`` divides its energy among models; null: it isn't divided."""

    name: str
    curve: Curve
    rule: str | None


def devices(
    con: duckdb.DuckDBPyConnection, session_id: str, breaks_ns: list[int]
) -> Iterator[Device]:
    """The devices whose energy can be told. ``breaks_ns``: times that nothing spans."""
    gpus = "SELECT DISTINCT gpu FROM trace_gpu WHERE session_id = ? AND gpu IS NOT NULL ORDER BY 1"
    for (gpu,) in con.execute(gpus, [session_id]).fetchall():
        if curve := _gpu(con, session_id, gpu, breaks_ns):
            yield Device(f"GPU {gpu}", curve, EQUAL)
    for name, zone in _zones(con, session_id).items():
        found = arrays(
            con,
            """SELECT t_ns, energy_uj::DOUBLE AS energy_uj, range_uj::DOUBLE AS range_uj
            FROM trace_energy WHERE session_id = ? AND zone = ? ORDER BY t_ns""",
            [session_id, zone],
        )
        ranges = found["range_uj"]
        largest = float(np.nanmax(ranges)) if np.isfinite(ranges).any() else None
        with suppress(ValueError):  # it never moves
            joules = unwrapped(found["energy_uj"], largest)
            curve = _of_zone(found["t_ns"], joules, breaks_ns)
            yield Device(name, curve, None if name == "psys" else BY_CPU)


def _of_zone(t_ns: Numbers, joules: Numbers, breaks_ns: list[int]) -> Curve:
    """A zone's curve. Where it steps more often than it was read, it does so by the book."""
    curve = from_counter(t_ns, joules, breaks_ns=breaks_ns)
    if curve.update_s is not None:
        return curve
    return from_counter(t_ns, joules, breaks_ns=breaks_ns, update_s=_RAPL_S)


def _gpu(
    con: duckdb.DuckDBPyConnection, session_id: str, gpu: int, breaks_ns: list[int]
) -> Curve | None:
    found = arrays(
        con,
        """SELECT t_ns, energy_mj::DOUBLE AS energy_mj, power_mw::DOUBLE AS power_mw,
            power_instant_mw::DOUBLE AS power_instant_mw
        FROM trace_gpu WHERE session_id = ? AND gpu = ? ORDER BY t_ns""",
        [session_id, gpu],
    )
    t_ns = found["t_ns"]
    with suppress(ValueError):
        return from_counter(t_ns, found["energy_mj"] / 1e3, breaks_ns=breaks_ns)
    with suppress(ValueError):
        return from_power(t_ns, found["power_instant_mw"] / 1e3, breaks_ns=breaks_ns)
    with suppress(ValueError):
        watts = found["power_mw"] / 1e3
        return from_power(t_ns, watts, breaks_ns=breaks_ns, averaged_s=_SECOND_S)
    return None


def _zones(con: duckdb.DuckDBPyConnection, session_id: str) -> dict[str, str]:
    """The zone of each device; ``dram`` bears its package's number where there are several."""
    known = con.execute(
        """SELECT DISTINCT zone, name, above FROM trace_energy WHERE session_id = ?
        ORDER BY contains(zone, 'mmio'), zone""",
        [session_id],
    ).fetchall()
    packages: dict[str, str] = {}
    for zone, name, above in known:
        if above is None and _PACKAGE.fullmatch(name or ""):
            packages.setdefault(name, zone)
    drams = {above: zone for zone, name, above in reversed(known) if name == "dram"}
    found = dict(packages)
    for name, zone in packages.items():
        if zone in drams:
            number = name.removeprefix("package")
            found[f"dram{number}" if len(packages) > 1 else "dram"] = drams[zone]
    platforms = [zone for zone, name, above in known if name == "psys" and above is None]
    return found | ({"psys": platforms[0]} if platforms else {})
