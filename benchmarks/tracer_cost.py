"""What the tracer costs at 50 Hz with three processes: ≤ 1.5 % of a core for what it reads at every
tick, ≤ 2 % with what it reads once a second or so, ≤ 40 MiB of resident memory.

Beside it, in turns and in the same run: a bare Python sleeper of the same rate, and a loop that
reads the same of the processes (and no more) through psutil.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tracer_load import LIGHT, bare, processes

HZ, SECONDS, ROUNDS = 50.0, 10.0, 5

PSUTIL = """
import sys, time
import psutil
hz, seconds = float(sys.argv[1]), float(sys.argv[2])
watched = [psutil.Process(int(pid)) for pid in sys.argv[3:]]
start, began = time.monotonic_ns(), time.process_time()
for number in range(int(hz * seconds)):
    left = start + round(number * 1e9 / hz) - time.monotonic_ns()
    if left > 0:
        time.sleep(left / 1e9)
    for process in watched:
        with process.oneshot():
            process.cpu_times(), process.memory_info(), process.io_counters(), process.num_threads()
print(time.process_time() - began)
"""

# The sampler itself, its processes watched; "core" leaves out what is read once a second or so.
SAMPLER = """
import os, sys, threading, time
from pathlib import Path
from stages.trace.chores import Chores
from stages.trace.lanes.here import peak_memory_bytes
from stages.trace.sampler import Sampler, calm_collector
calm_collector()
folder, which, hz, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
sampler = Sampler(folder, hz)
if which == "core":
    sampler._chores = Chores
    sampler._pss = threading.Thread(target=lambda: None)
    sampler._pss.stop = lambda patience: None
for pid in sys.argv[5:]:
    sampler.command({"watch": int(pid), "model": "model", "role": "engine"})
def measure():
    time.sleep(2)  # what starting costs is another matter
    began, cpu = time.monotonic(), time.process_time()
    time.sleep(seconds)
    took = time.monotonic() - began
    print(100 * (time.process_time() - cpu) / took, peak_memory_bytes() / 2**20, flush=True)
    sampler.end()
threading.Thread(target=measure, daemon=True).start()
sampler.run()
"""


def main() -> None:
    """Print each cost with its spread over the rounds."""
    costs: dict[str, list[float]] = {}
    memory = []
    with processes(LIGHT, 3) as pids:
        for _ in range(ROUNDS):
            costs.setdefault("bare sleeper", []).append(100 * bare(HZ, SECONDS)[0] / SECONDS)
            loop = _python(PSUTIL, str(HZ), str(SECONDS), *map(str, pids))
            costs.setdefault("psutil loop", []).append(100 * float(loop) / SECONDS)
            for which in ("core", "all"):
                with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as folder:
                    said = _python(
                        SAMPLER, folder, which, str(HZ), str(SECONDS), *map(str, pids)
                    ).splitlines()[-1]
                cost, peak = map(float, said.split())
                costs.setdefault(f"tracer, {which} lanes", []).append(cost)
                memory.append(peak)
    for name, values in costs.items():
        spread = f"min–max {min(values):.2f}–{max(values):.2f}, n {len(values)} of {SECONDS:.0f} s"
        print(f"{name}: {statistics.median(values):.2f} % of a core ({spread})")
    print(f"peak resident memory: {max(memory):.1f} MiB; claim: ≤ 40 MiB")
    print("claim: core lanes ≤ 1.5 %, all lanes ≤ 2 % of a core")


def _python(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
