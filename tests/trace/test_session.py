from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stages.trace.session import Session


def _root(tmp_path: Path, machine: str, boot: str) -> Path:
    for name, text in (("etc/machine-id", machine), ("proc/sys/kernel/random/boot_id", boot)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    return tmp_path


def test_each_session_has_its_own_id_on_the_same_machine_and_boot() -> None:
    first, second = Session.begin(), Session.begin()
    assert first.session_id != second.session_id
    assert (first.machine_id, first.boot_id) == (second.machine_id, second.boot_id)
    assert datetime.now(UTC) - first.started_at < timedelta(minutes=1)


def test_ids_change_with_machine_and_boot_and_show_neither(tmp_path: Path) -> None:
    one = Session.begin(_root(tmp_path, "aaaa", "b1"))
    other_boot = Session.begin(_root(tmp_path, "aaaa", "b2"))
    other = Session.begin(_root(tmp_path, "cccc", "b2"))
    assert one.machine_id == other_boot.machine_id != other.machine_id
    assert one.boot_id != other_boot.boot_id == other.boot_id
    assert "aaaa" not in repr(one)
    assert len(one.machine_id or "") == 16


def test_equal_text_gives_different_ids_for_machine_and_boot(tmp_path: Path) -> None:
    session = Session.begin(_root(tmp_path, "same", "same"))
    assert session.machine_id != session.boot_id


def test_a_machine_without_the_files_still_has_a_name(tmp_path: Path) -> None:
    session = Session.begin(tmp_path)
    assert session.machine_id == Session.begin(tmp_path).machine_id is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere psutil knows")
def test_an_unknown_boot_is_null(tmp_path: Path) -> None:
    assert Session.begin(tmp_path).boot_id is None
