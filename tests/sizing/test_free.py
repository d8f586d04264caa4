from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from stages.sizing.free import free_bytes

GIB = 2**30


@pytest.fixture(autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SimpleNamespace(total=64 * GIB, available=10 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def test_it_is_what_the_machine_has_free(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) == 10 * GIB


def test_a_group_may_leave_less(tmp_path: Path) -> None:
    for path, text in {
        "proc/self/mountinfo": "35 24 0:30 / /cg rw - cgroup2 cgroup2 rw\n",
        "proc/self/cgroup": "0::/\n",
        "cg/memory.max": f"{4 * GIB}\n",
        "cg/memory.current": f"{3 * GIB}\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert free_bytes(tmp_path) == GIB
