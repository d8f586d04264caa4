from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.journal.journal import read_session
from stages.journal.session_log import SessionLog
from tests.journal.entries import BEGINNING, entry


def keys(log: SessionLog) -> list[str]:
    return [held.head.key for held in read_session(log.path).entries]


def test_an_entry_is_on_the_disk_before_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    write, fsync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda *a: (calls.append("write"), write(*a))[1])
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd))[1])
    log = SessionLog(tmp_path / "s", BEGINNING)
    calls.clear()
    log.append(entry("a"), durable=True)
    log.append(entry("b"), durable=False)
    log.close()
    assert calls == ["write", "fsync", "write"]
    assert keys(log) == ["a", "b"]


def test_a_disk_that_fills_in_mid_entry_costs_that_entry_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SessionLog(tmp_path / "s", BEGINNING)
    log.append(entry("a"), durable=True)
    size = log.path.stat().st_size
    write = os.write

    def full(fd: int, data: memoryview) -> int:
        if len(data) > 100:
            return write(fd, data[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        log.append(entry("b"), durable=True)
    assert log.path.stat().st_size == size
    monkeypatch.undo()
    log.append(entry("c"), durable=True)
    log.close()
    assert keys(log) == ["a", "c"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command here")
    if done.returncode:
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_really_full_costs_the_entry_that_did_not_fit(small_disk: Path) -> None:
    log = SessionLog(small_disk / "s", BEGINNING)
    kept = []
    with pytest.raises(OSError, match="No space"):
        for number in range(1000):
            log.append(entry(f"{number}", "x" * 1000), durable=True)
            kept.append(f"{number}")
    assert len(kept) > 10
    assert keys(log) == kept
    log.close()
