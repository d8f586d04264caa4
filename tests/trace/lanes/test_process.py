from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pytest

from stages.trace.lanes.process import COLUMNS, ProcessLane, Reading
from tests.trace.notes import Notes


@dataclass
class FakeProcess:
    pid: int
    created_ns: int
    parent: int
    denied: str | None = None
    line: str = ""
    ended: bool = False
    closed: bool = False

    def clock_ns(self) -> int | None:
        return self.pid * 1000

    def read(self, clock_ns: int | None) -> Reading:
        if self.ended:
            raise ProcessLookupError("it has ended")
        return Reading(clock_ns, 1, 2, 3, 4, 5, 6, 7, 8)

    def switches(self) -> tuple[int, int] | None:
        return (self.pid, 1)

    def close(self) -> None:
        assert not self.closed
        self.closed = True


@dataclass
class FakeProcesses:
    now: dict[int, FakeProcess] = field(default_factory=dict)
    begun: int = 0

    def begin(
        self, pid: int, parent: int = 1, denied: str | None = None, line: str = ""
    ) -> FakeProcess:
        self.begun += 1
        self.now[pid] = FakeProcess(pid, self.begun, parent, denied, line)
        return self.now[pid]

    def end(self, pid: int) -> None:
        self.now.pop(pid).ended = True

    def open(self, pid: int) -> FakeProcess:
        if pid not in self.now:
            raise FileNotFoundError(2, "No such file", str(pid))
        # a new object each time, as with descriptors
        entry = self.now[pid]
        twin = FakeProcess(pid, entry.created_ns, entry.parent, entry.denied, entry.line)
        self.now[pid] = twin
        return twin

    def pids(self) -> set[int]:
        return set(self.now)

    def words(self, pid: int) -> str:
        return self.now[pid].line

    def parent(self, pid: int) -> int | None:
        return self.now[pid].parent if pid in self.now else None

    def descendants(self, pids: Collection[int]) -> list[int]:
        family, found = set(pids), []
        while new := [
            p.pid for p in self.now.values() if p.parent in family and p.pid not in family
        ]:
            found += new
            family.update(new)
        return found

    def remote_sockets(self, pids: Sequence[int]) -> dict[int, int]:
        return {pid: 3 for pid in pids if pid % 2}


@pytest.fixture
def processes() -> FakeProcesses:
    return FakeProcesses()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def lane(processes: FakeProcesses, notes: Notes) -> ProcessLane:
    return ProcessLane(processes, notes)


def labels(lane: ProcessLane) -> dict[object, tuple[object, object]]:
    return {row[3]: (row[1], row[2]) for row in lane.read(9)}


def test_a_row_and_the_costly_columns_once(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(11)
    lane.watch(11, "m", "engine")
    (row,) = lane.read(9)
    assert dict(zip(COLUMNS, row, strict=True)) == {
        "t_ns": 9,
        "model": "m",
        "role": "engine",
        "pid": 11,
        "created_ns": 1,
        "cpu_ns": 11_000,
        "rss_bytes": 1,
        "read_bytes": 2,
        "written_bytes": 3,
        "read_chars": 4,
        "written_chars": 5,
        "minor_faults": 6,
        "major_faults": 7,
        "threads": 8,
        "voluntary_switches": None,
        "involuntary_switches": None,
        "remote_sockets": None,
    }
    lane.survey()
    assert lane.read(10)[0][-3:] == (11, 1, 3)
    assert lane.read(11)[0][-3:] == (None, None, None)


def test_sockets_that_cannot_be_asked_are_null(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    lane.survey()
    assert lane.read(10)[0][-3:] == (10, 1, None)


def test_children_are_followed_under_the_same_labels(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11), (20, 1)):
        processes.begin(pid, parent)
    lane.watch(10, "m", "engine")
    assert labels(lane).keys() == {10}
    lane.survey()
    assert labels(lane) == dict.fromkeys((10, 11, 12), ("m", "engine"))


def test_a_child_watched_itself_keeps_its_labels(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11)):
        processes.begin(pid, parent)
    lane.watch(10, None, "client")
    lane.survey()
    assert labels(lane)[12] == (None, "client")
    lane.watch(11, "m", "engine")
    lane.survey()
    assert labels(lane) == {10: (None, "client"), 11: ("m", "engine"), 12: ("m", "engine")}
    lane.watch(10, "n", "engine")  # what is watched below stays as it is
    assert labels(lane) == {10: ("n", "engine"), 11: ("m", "engine"), 12: ("m", "engine")}


def test_what_was_forgotten_is_not_found_again(lane: ProcessLane, processes: FakeProcesses) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11)):
        processes.begin(pid, parent)
    lane.watch(10, None, "client")
    lane.watch(11, "m", "engine")
    lane.survey()
    lane.forget(11)
    lane.survey()
    assert labels(lane).keys() == {10}
    lane.watch(11, "n", "engine")
    assert labels(lane)[11] == ("n", "engine")
    lane.forget(99)  # never watched: nothing to do


def test_a_reused_pid_is_another_process(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    processes.end(10)
    processes.begin(10)
    assert lane.read(9) == []
    assert [(note.kind, note.subject) for note in notes] == [("process_gone", "10")]
    lane.survey()
    assert lane.read(9) == []


def test_a_reused_pid_can_be_watched_anew(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    processes.end(10)
    processes.begin(10)
    lane.watch(10, "n", "engine")  # before any reading showed that the old one ended
    (row,) = lane.read(9)
    assert (row[1], row[4]) == ("n", 2)


def test_a_forgotten_number_may_come_again_as_another_child(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10)
    processes.begin(11, 10)
    lane.watch(10, None, "client")
    lane.watch(11, "m", "engine")
    lane.forget(11)
    processes.end(11)
    processes.begin(11, 10)
    lane.survey()
    assert labels(lane) == {10: (None, "client"), 11: (None, "client")}


def test_children_outlive_their_parent(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    processes.begin(11, 10)
    lane.watch(10, "m", "engine")
    lane.survey()
    processes.end(10)
    processes.now[11].parent = 1
    assert labels(lane) == {11: ("m", "engine")}
    lane.survey()
    assert labels(lane) == {11: ("m", "engine")}


def test_nobody_there_to_watch(lane: ProcessLane, notes: Notes) -> None:
    lane.watch(10, "m", "engine")
    assert lane.read(9) == []
    (note,) = notes
    assert note[:3] == ("process_gone", "process", "10")
    assert "could not be watched" in (note.detail or "")


def test_what_is_denied_is_noted_once(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    processes.begin(10, denied="bytes: not permitted")
    lane.watch(10, "m", "engine")
    lane.watch(10, "m", "engine")
    lane.read(9)
    (note,) = notes
    assert note == ("lane_missing", "process", "10", None, "bytes: not permitted")


def test_everything_is_closed(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    processes.begin(11, 10)
    lane.watch(10, "m", "engine")
    lane.survey()
    lane.close()
    assert all(process.closed for process in processes.now.values())


def test_a_followed_models_process_is_read_with_its_children(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10, line="runner sha256-a")
    processes.begin(11, 10)
    lane.follow("m", "sha256-a", None)
    assert labels(lane) == {10: ("m", "engine")}  # at once
    lane.survey()
    assert labels(lane) == dict.fromkeys((10, 11), ("m", "engine"))


def test_the_process_that_takes_over_is_found_by_a_look_and_by_the_survey(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    processes.begin(10, line="runner sha256-a")
    lane.follow("m", "sha256-a", None)
    for pid, look in ((20, lambda: lane.look(wanted=True)), (30, lane.survey)):
        processes.end(pid - 10)
        assert labels(lane) == {}
        processes.begin(pid, line="runner sha256-a")
        look()
        assert labels(lane) == {pid: ("m", "engine")}
    found = [(note.kind, note.value) for note in notes if note.kind.startswith("runner")]
    assert found == [("runner_started", 10), ("runner_reloaded", 20), ("runner_reloaded", 30)]


def test_no_process_is_looked_for_while_each_model_has_one(
    lane: ProcessLane, processes: FakeProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes.begin(10, line="runner sha256-a")
    lane.follow("m", "sha256-a", None)
    monkeypatch.setattr(processes, "pids", lambda: pytest.fail("a list of all is not for free"))
    lane.look(wanted=True)


def test_a_model_that_is_followed_no_longer_is_read_no_longer(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(5)
    processes.begin(10, 5, line="runner sha256-a")
    processes.begin(11, 10)
    lane.watch(5, None, "server")
    lane.follow("m", "sha256-a", 5)
    lane.survey()
    lane.unfollow("m")
    lane.survey()
    assert labels(lane) == {5: (None, "server")}
    lane.follow("m", "sha256-a", 5)  # loaded still: found again
    assert labels(lane)[10] == ("m", "engine")


def test_a_runner_that_a_watched_server_began_is_the_models(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(5)
    lane.watch(5, None, "server")
    lane.follow("m", "sha256-a", 5)
    processes.begin(10, 5, line="runner sha256-a")
    processes.begin(11, 1, line="runner sha256-a")  # a stranger's, of the same weights
    lane.survey()
    assert labels(lane) == {5: (None, "server"), 10: ("m", "engine")}
