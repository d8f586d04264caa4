"""A number that each logical core has a file for, below Linux's /sys/devices/system/cpu."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from stages.trace.lanes.figure import figure
from stages.trace.lanes.lane import KeptFile, why


class CoreFiles:
    """The same file of every core, kept open; cores may come and go."""

    def __init__(self, file: str, unit: int, root: Path) -> None:
        self._file = file
        self._unit = unit
        self._cores = str(root / "sys/devices/system/cpu")
        self._files: dict[int, KeptFile] = {}
        self.fault = ""  # why the first null of the last reading was null

    def read(self, cores: Collection[int]) -> dict[int, int | None]:
        """The number times ``unit`` of each of these cores; null where it can't be read."""
        self.fault = ""
        for core in self._files.keys() - cores:
            self._files.pop(core).close()  # offline; when it's back its file is another one
        return {core: self._number(core) for core in cores}

    def close(self) -> None:
        """Close the files."""
        self.read(())

    def _number(self, core: int) -> int | None:
        path = f"{self._cores}/cpu{core}/{self._file}"
        try:
            if core not in self._files:
                self._files[core] = KeptFile(Path(path))
            value = figure(self._files[core].read())
        except OSError as error:
            self.fault = self.fault or (why(error) if error.filename else f"{path}: {why(error)}")
            if core in self._files:
                self._files.pop(core).close()
            return None
        if value is None:
            self.fault = self.fault or f"{path} holds no number"
            return None
        return value * self._unit
