"""Where the control groups of processes are on this machine (cgroups(7)), of versions 1 and 2.

A group's limits hold for all groups below it, so its ancestors come along as far as they can be
seen. The two versions are often there at once, and each controller of version 1 has a tree of its
own, in which a process may be at another place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from stages.trace.lanes.lane import KeptFile, LaneMissing

UNIFIED = ""  # in place of a controller: the tree of version 2, which has them all


class Group(NamedTuple):
    """A group in the tree of one controller."""

    path: str  # the kernel's name of it
    controller: str
    folders: tuple[str, ...]  # its own, then its ancestors', the root of what is mounted last


class _Mount(NamedTuple):
    controllers: frozenset[str]
    root: str  # the group that is found at ``top``
    top: str


class ControlGroups:
    """The groups of processes in the trees of these controllers."""

    def __init__(self, controllers: Collection[str], root: Path = Path("/")) -> None:
        self._controllers = frozenset(controllers)
        self._root = root
        self._mounts: list[_Mount] = []
        self._known: dict[bytes, tuple[Group, ...]] = {}

    def open(self) -> None:
        """Find the trees. Raises ``LaneMissing`` where none is mounted, and ``OSError``."""
        text = (self._root / "proc/self/mountinfo").read_bytes()
        mounts = (self._mount(line) for line in text.splitlines())
        self._mounts = [found for found in mounts if found and found.controllers]
        if not self._mounts:
            raise LaneMissing(
                "no control groups are mounted here; in a container, pass /sys/fs/cgroup in"
            )

    def of(self, pids: Iterable[int]) -> set[Group]:
        """The groups of these processes and of this one; what has ended is left out."""
        texts = {self._text("self"), *(self._text(str(pid)) for pid in pids)}
        known = self._known
        self._known = {text: known.get(text) or tuple(self._groups(text)) for text in texts}
        return {group for groups in self._known.values() for group in groups}

    def _text(self, process: str) -> bytes:
        try:
            fd = os.open(f"{self._root}/proc/{process}/cgroup", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return b""
        try:
            return os.read(fd, 65536)
        except OSError:
            return b""
        finally:
            os.close(fd)

    def _mount(self, line: bytes) -> _Mount | None:
        """What a line of mountinfo (proc(5)) tells of a tree; null for any other mount."""
        mount, _, kind = line.partition(b" - ")
        fields, kinds = mount.split(), kind.split()
        if len(fields) < 5 or len(kinds) < 3 or kinds[0] not in {b"cgroup", b"cgroup2"}:
            return None
        there = {UNIFIED} if kinds[0] == b"cgroup2" else set(os.fsdecode(kinds[2]).split(","))
        top = self._root / _unescaped(fields[4]).lstrip("/")
        return _Mount(self._controllers & there, _unescaped(fields[3]), str(top))

    def _groups(self, text: bytes) -> Iterator[Group]:
        for line in text.splitlines():
            number, controllers, path = [*line.split(b":", 2), b"", b""][:3]
            # (deleted): with nothing in it but a process that has ended
            if not path.startswith(b"/") or path.endswith(b" (deleted)"):
                continue
            there = os.fsdecode(controllers).split(",") if controllers or number == b"0" else []
            for controller in self._controllers.intersection(there):
                if folders := self._folders(controller, path):
                    yield Group(path.decode("utf-8", "replace"), controller, folders)

    def _folders(self, controller: str, path: bytes) -> tuple[str, ...]:
        mounts = [mount for mount in self._mounts if controller in mount.controllers]
        for mount in mounts:
            with suppress(ValueError):
                steps = PurePosixPath(os.fsdecode(path)).relative_to(mount.root).parts
                # With ".." in it, it leads out of what this process may see.
                if ".." not in steps and Path(mount.top, *steps).is_dir():
                    depths = range(len(steps), -1, -1)
                    return tuple(str(Path(mount.top, *steps[:depth])) for depth in depths)
        # A container's own group is mounted as if it were the root, whatever its name outside.
        return tuple(mount.top for mount in mounts[:1])


class KeptFiles:
    """Files of groups, kept open for as long as they are asked for at each reading."""

    def __init__(self) -> None:
        self._files: dict[str, KeptFile] = {}
        self._asked: set[str] = set()

    def read(self, path: str) -> bytes:
        """What is in a file; empty where it can't be read, as it is without its controller."""
        self._asked.add(path)
        try:
            file = self._files.get(path)
            if file is None:
                file = self._files[path] = KeptFile(Path(path))
            return file.read()
        except OSError:
            self._drop(path)
            return b""

    def sweep(self) -> None:
        """Close what wasn't asked for since the last sweep."""
        for path in self._files.keys() - self._asked:
            self._drop(path)
        self._asked.clear()

    def close(self) -> None:
        """Close them all."""
        self._asked.clear()
        self.sweep()

    def _drop(self, path: str) -> None:
        if file := self._files.pop(path, None):
            file.close()


def _unescaped(path: bytes) -> str:
    """A path of mountinfo, where a space is ``\\040``."""
    octal = rb"\\([0-7]{3})"
    return os.fsdecode(re.sub(octal, lambda match: bytes([int(match[1], 8) & 0xFF]), path))
