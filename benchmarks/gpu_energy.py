"""NVIDIA GPUs through the whole tracer, with a fake driver (and with a real one where there is).

Claims: a driver whose every call blocks 100 ms makes no tick of another lane later by over 5 ms
than it is without; the energy of half a second, of a counter that steps every 100 ms, is off by at
most 2 % (95th percentile), and its interval holds the truth in at least 95 of 100 windows. A
counter whose reading takes the processor 3 ms, as an H200's does, takes it 5 % of a core at most,
and the interval holds the truth as often.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tracer_load import lateness_ms, traced

from stages.trace.energy import from_counter, from_power
from stages.trace.nvml import gpu_names

HZ, ROUNDS, SECONDS, LONG_S, LATE_MS = 50.0, 5, 10.0, 60.0, 5.0

# A GPU that answers a prompt every few seconds: idle, reading the prompt, decoding with a ripple.
# Its counter steps when STEP says, by monotonic time, which all processes share.
DRIVER = '''
import math, os, time
from types import SimpleNamespace

BLOCKS_S, UNEVEN = float(os.environ["FAKE_BLOCKS_S"]), float(os.environ["FAKE_UNEVEN"])
TAKES_S = float(os.environ["FAKE_TAKES_S"])
PERIOD_S = 0.1
CYCLE_S, PREFILL_S, DECODE_S = 4.373, 0.413, 2.271
IDLE_W, PREFILL_W, DECODE_W, RIPPLE_W, RIPPLE_HZ = 60.0, 330.0, 220.0, 20.0, 13.7

class NVMLError(Exception):
    def __init__(self, value):
        self.value = value

def joules(t):
    """What the GPU has used by a monotonic time in seconds."""
    cycles, into = divmod(t, CYCLE_S)
    extra = (PREFILL_W - IDLE_W) * PREFILL_S + (DECODE_W - IDLE_W) * DECODE_S
    prefill = (PREFILL_W - IDLE_W) * min(into, PREFILL_S)
    decode = (DECODE_W - IDLE_W) * min(max(into - PREFILL_S, 0), DECODE_S)
    ripple = RIPPLE_W / (2 * math.pi * RIPPLE_HZ) * (1 - math.cos(2 * math.pi * RIPPLE_HZ * t))
    return IDLE_W * t + extra * cycles + prefill + decode + ripple

def step(number):
    scatter = (number * 2654435761 % 2**32) / 2**32 - 0.5
    return (number + UNEVEN * scatter) * PERIOD_S

def shown(t):
    number = int(t / PERIOD_S) + 1
    while step(number) > t:
        number -= 1
    return int(joules(step(number)) * 1000)

def counted():
    mj, end = shown(time.monotonic()), time.thread_time() + TAKES_S
    while time.thread_time() < end:
        pass
    return mj

def answer(value):
    def function(*_):
        time.sleep(BLOCKS_S)
        return value() if callable(value) else value
    return function

def nvmlInit(): pass
def nvmlShutdown(): pass
def nvmlDeviceGetCount(): return 1
def nvmlDeviceGetHandleByIndex(index): return index

nvmlDeviceGetName = answer("Fake GPU")
nvmlDeviceGetUtilizationRates = answer(SimpleNamespace(gpu=50, memory=50))
nvmlDeviceGetMemoryInfo = answer(SimpleNamespace(used=1, total=2))
nvmlDeviceGetPowerUsage = answer(100000)
nvmlDeviceGetTotalEnergyConsumption = answer(counted)
nvmlDeviceGetTemperature = answer(50)
nvmlDeviceGetClockInfo = answer(1000)
nvmlDeviceGetCurrentClocksEventReasons = answer(0)
nvmlDeviceGetComputeRunningProcesses = answer([])
nvmlDeviceGetGraphicsRunningProcesses = answer([])
'''


def main() -> None:
    """Print both claims' figures, then what a real GPU gives."""
    blocking()
    for hz in (50.0, 20.0):
        for uneven in (0.0, 0.4):
            counting(hz, uneven)
    counting(20.0, 0.0, takes_s=0.003)
    real()


def blocking() -> None:
    """How late ticks are beside a driver that blocks, and without one, in turns."""
    found: dict[str, list[tuple[float, float, float]]] = {"without": [], "blocking": []}
    for _ in range(ROUNDS):
        for name, values in found.items():
            with driver(0.1, 0, 0) if name == "blocking" else _nothing(), _folder() as folder:
                tables = traced(folder, HZ, SECONDS, [])
            ticks = tables["trace_system"]["t_ns"].to_list()
            apart = np.diff(ticks) / 1e6 - 1000 / HZ
            values.append((*lateness_ms(ticks, HZ), 100 * float(np.mean(apart > LATE_MS))))
            if name == "blocking":
                assert tables["trace_gpu"].height > SECONDS
    for name, values in found.items():
        late, missed, later = zip(*values, strict=True)
        print(
            f"{name}: p99 late {statistics.median(late):.2f} ms "
            f"(min–max {min(late):.2f}–{max(late):.2f}), {statistics.mean(later):.2f} % of ticks "
            f"over {LATE_MS:.0f} ms later than due after the one before "
            f"(min–max {min(later):.2f}–{max(later):.2f}), missed {statistics.mean(missed):.2f} %, "
            f"n {ROUNDS} of {SECONDS:.0f} s at {HZ:.0f} Hz"
        )


def counting(hz: float, uneven: float, takes_s: float = 0.0) -> None:
    """The error and the interval of the energy that a counter stepping every 100 ms gives."""
    with driver(0, uneven, takes_s), _folder() as folder:
        tables = traced(folder, hz, LONG_S, [])
    table = tables["trace_gpu"]
    known = table.drop_nulls("energy_mj")
    curve = from_counter(known["t_ns"].to_numpy(), known["energy_mj"].to_numpy() / 1000)
    namespace: dict[str, Any] = {}
    os.environ |= {"FAKE_BLOCKS_S": "0", "FAKE_UNEVEN": str(uneven), "FAKE_TAKES_S": "0"}
    exec(DRIVER, namespace)
    joules = np.vectorize(namespace["joules"])
    print(
        f"{hz:.0f} Hz, steps every 100 ms ± {uneven / 2:.0%}: {table.height / LONG_S:.0f} rows/s, "
        f"period found {(curve.update_s or 0) * 1000:.1f} ms, a reading takes {takes_s * 1000:g} "
        f"ms of CPU time, the tracer {_core_percent(tables):.1f} % of a core"
    )
    random = np.random.default_rng(1)
    for length in (0.5, 5.0):
        first, last = curve.span_ns
        start = random.integers(first, last - round(length * 1e9), 2000)
        end = start + round(length * 1e9)
        truth = joules(end / 1e9) - joules(start / 1e9)
        energy = curve.between(start, end)
        error = 100 * np.abs(energy.joules / truth - 1)
        half = 100 * np.mean((energy.high - energy.low) / 2 / truth)
        held = 100 * np.mean((energy.low <= truth) & (truth <= energy.high))
        print(
            f"  {length:g} s: error median {np.median(error):.2f} %, p95 "
            f"{np.percentile(error, 95):.2f} %; interval ± {half:.2f} %, holds the truth in "
            f"{held:.1f} % (n {len(start)})"
        )


def real() -> None:
    """Whether a real GPU's counter steps as the fake's does, and agrees with its power."""
    names, why_none = gpu_names()
    if not names:
        print(f"no real GPU to compare with: {why_none}")
        return
    with _folder() as folder:
        tables = traced(folder, HZ, 30.0, [])
    table = tables["trace_gpu"]
    print(f"with a real GPU the tracer takes {_core_percent(tables):.1f} % of a core")
    for index, name in enumerate(names):
        rows = table.filter(pl.col("gpu") == index)
        counter, power = rows.drop_nulls("energy_mj"), rows.drop_nulls("power_mw")
        by_counter = from_counter(counter["t_ns"].to_numpy(), counter["energy_mj"].to_numpy() / 1e3)
        by_power = from_power(power["t_ns"].to_numpy(), power["power_mw"].to_numpy() / 1e3)
        window = [np.array([at]) for at in by_power.span_ns]
        joules = [float(curve.between(*window).joules[0]) for curve in (by_counter, by_power)]
        period = (
            f"{by_counter.update_s * 1000:.1f} ms" if by_counter.update_s else "too fine to see"
        )
        print(
            f"{name}: period {period}, {joules[0]:.1f} J by the counter, {joules[1]:.1f} J by "
            f"power over {(window[1] - window[0])[0] / 1e9:.0f} s, {rows.height / 30:.0f} rows/s"
        )


def _core_percent(tables: dict[str, pl.DataFrame]) -> float:
    """CPU time of the tracer from its second to its last reading of itself."""
    own = tables["trace_process"].filter(pl.col("role") == "tracer").sort("t_ns")
    cpu_ns, t_ns = (own[name][-1] - own[name][1] for name in ("cpu_ns", "t_ns"))
    return float(100 * cpu_ns / t_ns)


@contextmanager
def driver(blocks_s: float, uneven: float, takes_s: float) -> Iterator[None]:
    """The fake driver in place of the real one, for processes started meanwhile."""
    before = os.environ.copy()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pynvml.py").write_text(DRIVER)
        os.environ |= {
            "PYTHONPATH": os.pathsep.join([folder, *filter(None, [before.get("PYTHONPATH")])]),
            "FAKE_BLOCKS_S": str(blocks_s),
            "FAKE_UNEVEN": str(uneven),
            "FAKE_TAKES_S": str(takes_s),
        }
        try:
            yield
        finally:
            os.environ.clear()
            os.environ |= before


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
