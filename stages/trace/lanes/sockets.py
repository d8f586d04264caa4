"""Which sockets of a process have a peer beyond this machine, from Linux's /proc.

The kernel's tables of connections cost milliseconds where there are many, so each is read once
for all processes, and only where one of them has a socket at all.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_TABLES = ("tcp", "tcp6", "udp", "udp6")


def remote_sockets(pids: Sequence[int], proc: Path) -> dict[int, int]:
    """TCP and UDP sockets with a peer that is neither loopback nor unspecified, by process.

    A process whose descriptors can't be read (another user's, or ended) is left out.
    """
    counts: dict[int, int] = {}
    tables: dict[int, set[str]] = {}
    for pid in pids:
        home = proc / str(pid)
        with contextlib.suppress(OSError):
            inodes = _sockets(home)
            if not inodes:
                counts[pid] = 0
                continue
            namespace = (home / "ns/net").stat().st_ino
            if namespace not in tables:
                tables[namespace] = _remote(home)
            counts[pid] = len(inodes & tables[namespace])
    return counts


def is_remote(address: str) -> bool:
    """Whether an address of ``/proc/net/tcp`` or ``tcp6`` (hex words) is another machine's."""
    words = [address[at : at + 8] for at in range(0, len(address), 8)]
    raw = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    if raw[:12] == bytes(10) + b"\xff\xff":
        raw = raw[12:]  # IPv4 inside IPv6
    loopback = raw[:1] == b"\x7f" if len(raw) == 4 else raw == bytes(15) + b"\x01"
    return any(raw) and not loopback


def _sockets(home: Path) -> set[str]:
    inodes = set()
    with os.scandir(home / "fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):  # closed since it was listed
                kind, _, inode = os.readlink(entry.path).partition(":")  # noqa: PTH115 (a half)
                if kind == "socket":
                    inodes.add(inode.strip("[]"))
    return inodes


def _remote(home: Path) -> set[str]:
    inodes = set()
    for name in _TABLES:
        with contextlib.suppress(FileNotFoundError):  # a kernel without IPv6
            for line in (home / "net" / name).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if is_remote(fields[2].partition(":")[0]):
                    inodes.add(fields[9])
    return inodes
