"""The present frequency of each logical core, in Hz; Linux."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from pathlib import Path

from stages.trace.lanes.core_files import CoreFiles
from stages.trace.lanes.lane import KeptFile, why
from stages.trace.lanes.slow import Waits

_LINE = re.compile(rb"^(processor|cpu MHz)\s*:\s*(\d+(?:\.\d+)?)$", re.MULTILINE)
_NOT_MEASURED = "no cpufreq driver, and the processor measures no frequency (a virtual machine?)"


class CoreFrequency:
    """From cpufreq, else from /proc/cpuinfo.

    Linux 4.14 to 5.17 sleeps 10 ms for each core's ``scaling_cur_freq`` that wasn't read in the
    last second, so a source that takes long is given up for the next one.
    """

    def __init__(self, root: Path) -> None:
        files = CoreFiles("cpufreq/scaling_cur_freq", 1000, root)
        self._sources: list[CoreFiles | _CpuInfo] = [files, _CpuInfo(root)]
        self._waits = Waits()
        self.fault = ""

    def read(self, cores: Collection[int]) -> dict[int, int | None]:
        """The frequency of each of these cores; null where there is none, with ``fault``."""
        while self._sources:
            source = self._sources[0]
            began = time.monotonic_ns()
            found = source.read(cores)
            self.fault = source.fault
            if self._waits.too_long(type(source).__name__, began):
                self.fault = "reading it keeps a reader waiting"
            elif any(found.values()):
                return {core: hz or None for core, hz in found.items()}
            self._sources.pop(0).close()
        return dict.fromkeys(cores)

    def close(self) -> None:
        """Close the files."""
        for source in self._sources:
            source.close()


class _CpuInfo:
    """``cpu MHz``, which is measured where the processor can (aperfmperf) and a constant else."""

    def __init__(self, root: Path) -> None:
        self._path = root / "proc/cpuinfo"
        self._file: KeptFile | None = None
        self.fault = ""

    def read(self, cores: Collection[int]) -> dict[int, int | None]:
        found: dict[int, int | None] = dict.fromkeys(cores)
        try:
            self._file = self._file or KeptFile(self._path)
            text = self._file.read()
        except OSError as error:
            self.fault = why(error)
            return found
        if b" aperfmperf " not in text:
            self.fault = _NOT_MEASURED
            return found
        core = -1
        for name, value in _LINE.findall(text):
            if name == b"processor":
                core = int(float(value))
            elif core in found:
                found[core] = round(float(value) * 1e6)
        self.fault = f"{self._path} leaves it out for some cores"
        return found

    def close(self) -> None:
        if self._file:
            self._file.close()
