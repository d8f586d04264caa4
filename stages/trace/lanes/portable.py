"""The core lanes through psutil, for systems without Linux's /proc; what a system lacks is null."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from typing import Any

import psutil

from stages.trace.clock import SECOND
from stages.trace.lanes import disk, network, system
from stages.trace.lanes.lane import LaneMissing
from stages.trace.log import Row


class NothingOpen:
    """What lanes have in common that keep nothing open."""

    def open(self) -> None:
        """Nothing stays open."""

    def close(self) -> None:
        """Nothing stays open."""


class PortableSystem(NothingOpen):
    """CPU time and memory of the machine."""

    name = "system"
    table = "trace_system"
    columns = system.COLUMNS
    period_s = 0.0

    def read(self, t_ns: int) -> list[Row]:
        """One row."""
        cpu = psutil.cpu_times()
        memory = psutil.virtual_memory()
        return [
            (
                t_ns,
                to_ns(user_s(cpu)),
                to_ns(kernel_s(cpu)),
                to_ns(cpu.idle),
                to_ns(getattr(cpu, "iowait", None)),
                to_ns(getattr(cpu, "steal", None)),
                memory.total,
                memory.available,
                psutil.swap_memory().used,
                None,
                None,
                # Its sin and sout are 0 on Windows, and hold every page of a file on macOS.
                None,
                None,
                psutil.cpu_stats().ctx_switches,
            )
        ]


class PortableDisk(NothingOpen):
    """Bytes and requests of each disk."""

    name = "disk"
    table = "trace_disk"
    columns = disk.COLUMNS
    period_s = 0.25

    def open(self) -> None:
        """Ask once whether the system counts at all."""
        if not psutil.disk_io_counters(perdisk=True):
            raise LaneMissing("the system counts no disks; on Windows `diskperf -y` starts it")

    def read(self, t_ns: int) -> list[Row]:
        """A row for each disk."""
        return [
            (
                t_ns,
                name,
                counters.read_bytes,
                counters.write_bytes,
                counters.read_count,
                counters.write_count,
                None,
                None,
            )
            for name, counters in psutil.disk_io_counters(perdisk=True, nowrap=False).items()
        ]


class PortableNetwork(NothingOpen):
    """Bytes through each interface."""

    name = "network"
    table = "trace_network"
    columns = network.COLUMNS
    period_s = 0.25

    def __init__(self) -> None:
        self._loopback: dict[str, bool] = {}

    def read(self, t_ns: int) -> list[Row]:
        """A row for each interface."""
        counters = psutil.net_io_counters(pernic=True, nowrap=False)
        if counters.keys() - self._loopback.keys():
            for name, addresses in psutil.net_if_addrs().items():
                self._loopback[name] = any(is_loopback(entry.address) for entry in addresses)
        return [
            (t_ns, name, self._loopback.get(name), entry.bytes_recv, entry.bytes_sent)
            for name, entry in counters.items()
        ]


def to_ns(seconds: float | None) -> int | None:
    """Seconds as ns; null stays null."""
    return None if seconds is None else round(seconds * SECOND)


def is_loopback(address: str) -> bool:
    """Whether an address never leaves this machine; a hardware address does."""
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def user_s(cpu: Any) -> float:
    """Seconds in user mode of psutil's CPU times."""
    return float(cpu.user + getattr(cpu, "nice", 0.0))


def kernel_s(cpu: Any) -> float:
    """Seconds in the kernel of psutil's CPU times."""
    if sys.platform == "win32":
        return float(cpu.system)  # holds interrupts and deferred calls there
    return float(sum(getattr(cpu, name, 0.0) for name in ("system", "irq", "softirq", "dpc")))
