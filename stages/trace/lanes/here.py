"""The lanes of the system that this runs on.

psutil is loaded only where it is needed: it costs the sampler a fifth of its memory.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path

from stages.trace.lanes.lane import Lane, Note
from stages.trace.lanes.process import ProcessLane

if sys.platform == "linux":
    from stages.trace.lanes.cgroup import CgroupLane
    from stages.trace.lanes.cores import CoresLane
    from stages.trace.lanes.disk import DiskLane
    from stages.trace.lanes.linux_processes import LinuxProcesses
    from stages.trace.lanes.network import NetworkLane
    from stages.trace.lanes.powercap import PowercapLane
    from stages.trace.lanes.pressure import PressureLane
    from stages.trace.lanes.system import SystemLane, kib
    from stages.trace.lanes.temperature import TemperatureLane

    def lanes(note: Note, pids: Callable[[], Collection[int]]) -> list[Lane]:
        """The lanes of the machine as a whole; ``pids`` gives the watched processes."""
        return [
            SystemLane(note),
            DiskLane(),
            NetworkLane(),
            PowercapLane(note),
            CoresLane(note),
            PressureLane(note, pids),
            CgroupLane(note, pids),
            TemperatureLane(note),
        ]

    def process_lane(note: Note) -> ProcessLane:
        """The lane of the watched processes."""
        return ProcessLane(LinuxProcesses(), note)

    def peak_memory_bytes() -> int | None:
        """The largest resident memory of this process so far."""
        # not getrusage(): its figure begins with that of the process that started this one
        return kib(Path("/proc/self/status").read_bytes(), b"\nVmHWM:")

else:
    import psutil

    from stages.trace.lanes import portable, portable_slow
    from stages.trace.lanes.portable_process import PortableProcesses

    def lanes(note: Note, pids: Callable[[], Collection[int]]) -> list[Lane]:  # noqa: ARG001
        """The lanes of the machine as a whole."""
        return [
            portable.PortableSystem(),
            portable.PortableDisk(),
            portable.PortableNetwork(),
            portable_slow.ABSENT["powercap"],
            portable_slow.PortableCores(note),
            portable_slow.ABSENT["pressure"],
            portable_slow.ABSENT["cgroup"],
            portable_slow.PortableTemperature(),
        ]

    def process_lane(note: Note) -> ProcessLane:
        """The lane of the watched processes."""
        return ProcessLane(PortableProcesses(), note)

    def peak_memory_bytes() -> int | None:
        """The largest resident memory of this process so far; where not kept, the present one."""
        memory = psutil.Process().memory_info()
        return int(getattr(memory, "peak_wset", memory.rss))
