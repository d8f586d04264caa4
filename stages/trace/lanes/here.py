"""The lanes of the system that this runs on.

psutil is loaded only where it is needed: it costs the sampler a fifth of its memory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stages.trace.lanes.lane import Lane, Note
from stages.trace.lanes.process import ProcessLane

if sys.platform == "linux":
    from stages.trace.lanes.disk import DiskLane
    from stages.trace.lanes.linux_process import LinuxProcesses
    from stages.trace.lanes.network import NetworkLane
    from stages.trace.lanes.system import SystemLane, kib

    def lanes(note: Note) -> list[Lane]:
        """Every lane of the machine as a whole that is read at each tick."""
        return [SystemLane(note), DiskLane(), NetworkLane()]

    def process_lane(note: Note) -> ProcessLane:
        """The lane of the watched processes."""
        return ProcessLane(LinuxProcesses(), note)

    def peak_memory_bytes() -> int | None:
        """The largest resident memory of this process so far."""
        # not getrusage(): its figure begins with that of the process that started this one
        return kib(Path("/proc/self/status").read_bytes(), b"\nVmHWM:")

else:
    import psutil

    from stages.trace.lanes.portable import (
        PortableDisk,
        PortableNetwork,
        PortableProcesses,
        PortableSystem,
    )

    def lanes(note: Note) -> list[Lane]:  # noqa: ARG001 (the other system's needs it)
        """Every lane of the machine as a whole that is read at each tick."""
        return [PortableSystem(), PortableDisk(), PortableNetwork()]

    def process_lane(note: Note) -> ProcessLane:
        """The lane of the watched processes."""
        return ProcessLane(PortableProcesses(), note)

    def peak_memory_bytes() -> int | None:
        """The largest resident memory of this process so far; where not kept, the present one."""
        memory = psutil.Process().memory_info()
        return int(getattr(memory, "peak_wset", memory.rss))
