"""Processor energy from a fake powercap tree that wraps, loses a zone and denies another.

Claims: what the lane read, unwrapped, is exactly what the writer wrote, through every wrap; no
difference of two readings is negative; a zone that vanishes or is denied ends with its reason, and
the others go on. The energy of half a second is held by its interval.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from stages.trace.clock import SECOND, Pacer
from stages.trace.energy import from_counter, unwrapped
from stages.trace.lanes import energy_zone
from stages.trace.lanes.lane import rows_of
from stages.trace.lanes.powercap import PowercapLane

HZ, SECONDS = 50.0, 20.0
RANGE_UJ = 30_000_000  # wraps each 0.3 s or so at 100 W
ZONES = {"intel-rapl:0": "package-0", "intel-rapl:0:0": "dram", "intel-rapl:1": "package-1"}
VANISHES, DENIED = "intel-rapl:0:0", "intel-rapl:1"
CHANGE_S = 10.0


class Writer(threading.Thread):
    """Writes each zone's counter every millisecond or so, and remembers when it held what."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self._files: dict[str, int] = {}
        self.written: dict[str, list[tuple[int, int]]] = {zone: [] for zone in ZONES}
        self.ending = threading.Event()
        for zone, name in ZONES.items():
            (folder / zone).mkdir(parents=True)
            (folder / zone / "name").write_text(f"{name}\n")
            (folder / zone / "max_energy_range_uj").write_text(f"{RANGE_UJ}\n")
            path = folder / zone / "energy_uj"
            self._files[zone] = os.open(path, os.O_CREAT | os.O_RDWR)
            os.pwrite(self._files[zone], f"{0:<19}\n".encode(), 0)

    def vanish(self, zone: str) -> None:
        """Write this zone no longer and remove its counter."""
        del self._files[zone]
        (self._folder / zone / "energy_uj").unlink()

    def run(self) -> None:
        """Write until told to end."""
        began = before = time.monotonic()
        used = 0
        while not self.ending.wait(0.001):
            now = time.monotonic()
            watts = 140.0 if (now - began) % 1.7 < 0.6 else 35.0
            used += round((now - before) * watts * 1e6)
            before = now
            for zone, file in list(self._files.items()):
                # One write of one length, as the kernel's file changes at once.
                os.pwrite(file, f"{used % RANGE_UJ:<19}\n".encode(), 0)
                self.written[zone].append((time.monotonic_ns(), used))


def main() -> None:
    """Run the tree beside the lane and print what became of each zone."""
    if not sys.platform.startswith("linux"):
        print("powercap: Linux's only")
        return
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "sys/class/powercap"
        writer = Writer(folder)
        writer.start()
        notes: list[Any] = []
        lane = PowercapLane(lambda *note: notes.append(note), Path(root))
        lane.open()
        rows = _read(lane, writer)
        writer.ending.set()
        writer.join()
        lane.close()
    for zone in ZONES:
        _report(zone, [row for row in rows if row[1] == zone], writer.written[zone])
    for kind, _, subject, _, detail in notes:
        print(f"{kind}: {subject}: {detail}")


def _read(lane: PowercapLane, writer: Writer) -> list[Any]:
    """Read at the tracer's rate; halfway one zone vanishes and another is denied."""
    read = os.pread

    def denied(fd: int, size: int, offset: int) -> bytes:
        if Path(f"/proc/self/fd/{fd}").readlink().parent.name == DENIED:
            raise PermissionError(13, "Permission denied", f"{DENIED}/energy_uj")
        return read(fd, size, offset)

    rows: list[Any] = []
    start = time.monotonic_ns()
    pacer = Pacer(HZ, start)
    changed = False
    while time.monotonic_ns() - start < SECONDS * SECOND:
        time.sleep(max(0, pacer.deadline_ns - time.monotonic_ns()) / SECOND)
        now = time.monotonic_ns()
        pacer.arrive(now)
        if not changed and now - start > CHANGE_S * SECOND:
            changed = True
            writer.vanish(VANISHES)
            energy_zone.os.pread = denied  # type: ignore[attr-defined]
        rows += rows_of(lane.read(now))
    energy_zone.os.pread = read  # type: ignore[attr-defined]
    return rows


def _report(zone: str, rows: list[Any], written: list[tuple[int, int]]) -> None:
    t_ns = np.array([row[0] for row in rows])
    counter = np.array([row[4] for row in rows])
    joules = unwrapped(counter, rows[0][5])
    when, used = (np.array(values) for values in zip(*written, strict=True))
    # Exact: every reading is one of the values written, in their order.
    exact = np.isin(np.round(joules * 1e6).astype(np.int64), np.append(used, 0)).all()
    wraps = int(np.sum(np.diff(counter) < 0))
    curve = from_counter(t_ns, joules, update_s=0.001)
    random = np.random.default_rng(1)
    first, last = curve.span_ns
    start = random.integers(first, last - SECOND // 2, 1000)
    energy = curve.between(start, start + SECOND // 2)
    truth = np.interp(start + SECOND // 2, when, used / 1e6) - np.interp(start, when, used / 1e6)
    error = 100 * np.abs(energy.joules / truth - 1)
    held = 100 * np.mean((energy.low <= truth) & (truth <= energy.high))
    print(
        f"{ZONES[zone]}: {len(rows)} readings until {(t_ns[-1] - t_ns[0]) / 1e9:.1f} s, "
        f"{wraps} wraps, exact: {'yes' if exact else 'NO'}, "
        f"negative differences: {int(np.sum(np.diff(joules) < 0))}; 0.5 s: error p95 "
        f"{np.percentile(error, 95):.2f} %, ± {_half(energy, truth):.2f} %, held in {held:.1f} % "
        f"(n {len(start)})"
    )


def _half(energy: Any, truth: Any) -> float:
    return float(100 * np.mean((energy.high - energy.low) / 2 / truth))


if __name__ == "__main__":
    main()
