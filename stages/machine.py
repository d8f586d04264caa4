"""What this process may use of the machine, and what the machine is.

A container or a service may be given fewer cores and less memory than the machine has. Linux
says so in control groups (cgroups(7)), of version 1 and 2 and often both at once; each ancestor
of a group limits it too.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from stages.trace.nvml import gpu_names

_CONTAINER_GROUP = re.compile(r"/(docker|kubepods|containerd|libpod|lxc|crio)\b")


def usable_cores(root: Path = Path("/")) -> int:
    """Whole cores that this process may use: its affinity and its groups' quotas; at least 1."""
    if sys.platform == "linux":
        cores = len(os.sched_getaffinity(0))
    else:
        cores = psutil.cpu_count() or 1
    for group in _groups(root, "cpu"):
        quota, period = _quota(group)
        if quota and period:
            cores = min(cores, quota // period)
    return max(1, cores)


def usable_memory_bytes(root: Path = Path("/")) -> int:
    """Memory that this process may use: the machine's, or less where a group limits it."""
    memory = int(psutil.virtual_memory().total)
    for group in _groups(root, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            if limit := _integer(_text(group / name)):
                memory = min(memory, limit)
    return memory


def memory_left_bytes(root: Path = Path("/")) -> int:
    """What this process's groups may still take: their limits less what they hold for good.

    Pages of files that nobody has used for long are given back first, so they count as free. The
    machine's whole memory where no group limits it.
    """
    left = int(psutil.virtual_memory().total)
    for group in _groups(root, "memory"):
        for limit_name, used_name in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit, used = _integer(_text(group / limit_name)), _integer(_text(group / used_name))
            if limit is not None and used is not None:
                # Of version 1 both stand there: its own, and with the groups below it.
                unused = re.findall(
                    r"^(?:total_)?inactive_file (\d+)$", _text(group / "memory.stat"), re.MULTILINE
                )
                left = min(left, limit - used + max(map(int, unused), default=0))
    return max(0, left)


def environment_row(session_id: str, root: Path = Path("/")) -> dict[str, Any]:
    """One row of the ``environment`` table: the machine as this process sees it."""
    gpus, gpu_reason = gpu_names()
    return {
        "session_id": session_id,
        "cpu": _cpu_name(root),
        "cores_logical": psutil.cpu_count(),
        "cores_usable": usable_cores(root),
        "memory_bytes": usable_memory_bytes(root),
        "gpus": gpus,
        "gpu_reason": gpu_reason,
        "system": _system(),
        "python": platform.python_version(),
        "container": _container(root),
    }


def hardware(environment: Mapping[str, Any]) -> str:
    """What decides a machine's speed, in words: two machines alike have the same."""
    gpus = ", ".join(environment["gpus"] or ["no accelerator"])
    return f"{environment['cpu']}, {environment['cores_logical']} cores, {gpus}"


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control groups with this controller, up to the mounts."""
    for line in _text(root / "proc/self/mountinfo").splitlines():
        mount, _, kind = line.partition(" - ")
        fields, kinds = mount.split(), kind.split()
        if len(fields) < 5 or len(kinds) < 3 or kinds[0] not in {"cgroup", "cgroup2"}:
            continue
        if kinds[0] == "cgroup" and controller not in kinds[2].split(","):
            continue
        top = root / _unescaped(fields[4]).lstrip("/")
        own = Path(_own_group(root, controller if kinds[0] == "cgroup" else ""))
        with suppress(ValueError):
            own = own.relative_to(_unescaped(fields[3]))
        # A path that leads out of what is mounted here belongs to a group that can't be seen.
        steps = () if ".." in own.parts or own.is_absolute() else own.parts
        for depth in range(len(steps), -1, -1):
            yield top.joinpath(*steps[:depth])


def _own_group(root: Path, controller: str) -> str:
    """This process's group in the hierarchy of a controller; of version 2 for an empty name."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        number, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controller in controllers.split(",") and (controller or number == "0"):
            return path
    return "/"


def _quota(group: Path) -> tuple[int | None, int | None]:
    """CPU time in each period (both µs); null where the group sets no limit."""
    if text := _text(group / "cpu.max"):
        quota, _, period = text.partition(" ")
        return _integer(quota), _integer(period)
    return (
        _integer(_text(group / "cpu.cfs_quota_us")),
        _integer(_text(group / "cpu.cfs_period_us")),
    )


def _integer(text: str) -> int | None:
    """A limit; null for none, which is written ``max`` or ``-1``."""
    return int(text) if text.strip().isdecimal() else None


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _cpu_name(root: Path) -> str | None:
    if match := re.search(r"^model name\s*:\s*(.+)$", _text(root / "proc/cpuinfo"), re.MULTILINE):
        return match[1].strip()
    if sys.platform == "darwin":
        with suppress(OSError, subprocess.SubprocessError):
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5)
            return done.stdout.strip() or None
    return platform.processor() or platform.machine() or None


def _system() -> str:
    name = f"{platform.system()} {platform.release()} {platform.machine()}"
    if sys.platform == "linux":
        with suppress(OSError):
            return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {name}"
    return name


def _container(root: Path) -> bool | None:
    if sys.platform != "linux":
        return None
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return True
    return bool(_CONTAINER_GROUP.search(_text(root / "proc/self/cgroup")))
