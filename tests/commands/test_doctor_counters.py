from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.commands import doctor_counters
from stages.commands.doctor_counters import counters, of_other_users
from stages.trace.lanes.lane import LaneMissing, Note
from stages.trace.log import Row

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lanes")
OURS, THEIRS = os.getpid(), 7
LANES = {"system", "disk", "network", "powercap", "cores", "pressure", "cgroup", "temperature"}


def test_every_lane_is_found_or_missing_with_its_reason() -> None:
    found = {finding.name: finding for finding in counters()}
    assert found.keys() >= LANES | {"gpu", "process"}
    assert all(finding.found for finding in found.values())
    assert {finding.state for finding in found.values()} <= {"ok", "missing"}
    assert found["process"].found.startswith("can be read, for trace_process")
    assert "cpu_ns" not in found["process"].found


class Tried:
    """A lane that fails where it is told to."""

    name, table, columns, period_s = "tried", "trace_tried", ("t_ns",), 1.0

    def __init__(self, note: Note) -> None:
        self.note = note
        self.opening: Callable[[], None] = lambda: None
        self.reading: Callable[[], list[Row]] = lambda: [(1,)]
        self.closed = 0

    def open(self) -> None:
        self.opening()

    def read(self, t_ns: int) -> Callable[[], list[Row]]:
        return self.reading  # what makes rows may fail, too

    def close(self) -> None:
        self.closed += 1


def fail(error: Exception) -> Callable[[], None]:
    def failing() -> None:
        raise error

    return failing


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Tried:
    made = Tried(lambda *_: None)

    def lanes(note: Note, _pids: object) -> list[Tried]:
        made.note = note
        return [made]

    monkeypatch.setattr(doctor_counters, "lanes", lanes)
    return made


def of_lane() -> list[tuple[str, str, str | None]]:
    found = [finding for finding in counters() if finding.name.startswith("tried")]
    return [(finding.state, finding.found, finding.remedy) for finding in found]


def test_a_lane_that_can_be_read_with_what_it_lacks(lane: Tried) -> None:
    detail = "no driver; load it"
    lane.opening = lambda: lane.note("lane_missing", "tried", "speed", None, detail)
    assert of_lane() == [
        ("ok", "can be read, for trace_tried", None),
        ("missing", "no driver", "load it"),
    ]
    assert lane.closed == 1


def test_a_lane_that_is_missing_and_its_remedy(lane: Tried) -> None:
    lane.opening = fail(LaneMissing("no sensor; add one"))
    assert of_lane() == [("missing", "no sensor", "add one")]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), ValueError("odd")])
def test_a_lane_that_opens_and_can_not_be_read(lane: Tried, error: Exception) -> None:
    lane.reading = fail(error)  # type: ignore[assignment]
    assert [state for state, _, _ in of_lane()] == ["missing"]
    assert lane.closed == 1


def test_a_lane_that_says_nothing(lane: Tried) -> None:
    lane.reading = list
    assert of_lane() == [("missing", "it can be opened, and then says nothing", None)]


def process(proc: Path, pid: int, cmdline: str = "ollama\0serve\0") -> Path:
    home = proc / str(pid)
    (home / "fd").mkdir(parents=True)
    (home / "cmdline").write_text(cmdline)
    for file in ("io", "smaps_rollup"):
        (home / file).write_text("x")
    return home


@LINUX
def test_what_another_users_process_shows(tmp_path: Path) -> None:
    me = tmp_path.stat().st_uid
    process(tmp_path, OURS, cmdline="")  # the kernel's own, here
    process(tmp_path, THEIRS)
    found = of_other_users(tmp_path, user=me + 1)
    assert (found.state, found.remedy) == ("ok", None)
    assert found.found == "bytes read and written, PSS, sockets can be read"
    assert of_other_users(tmp_path, user=me).found == "there are none here to try it on"


@LINUX
def test_what_another_users_process_hides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process(tmp_path, THEIRS)
    read = Path.read_bytes

    def guarded(path: Path) -> bytes:
        if path.name == "smaps_rollup":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    found = of_other_users(tmp_path, user=tmp_path.stat().st_uid + 1)
    assert found.state == "missing"
    assert found.found == "not permitted: PSS (tried on process 7)"
    assert "as root" in str(found.remedy)


@LINUX
def test_a_process_that_ends_meanwhile_is_passed_over(tmp_path: Path) -> None:
    (process(tmp_path, 5) / "io").unlink()
    process(tmp_path, THEIRS)
    assert of_other_users(tmp_path, user=tmp_path.stat().st_uid + 1).state == "ok"
