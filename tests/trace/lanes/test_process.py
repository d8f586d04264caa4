from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest

from stages.trace.clock import SECOND
from stages.trace.lanes.lane import rows_of
from stages.trace.lanes.process import COLUMNS, ProcessLane
from stages.trace.lanes.processes import Reading
from stages.trace.log import Row
from tests.trace.notes import Notes


@dataclass
class Life:
    """What there is of a process, however often it is opened."""

    pid: int
    created_ns: int
    parent: int
    denied: str | None = None
    line: str = ""
    ended: bool = False


class FakeProcess:
    """Has counters from 1 to 9; its CPU clock is a thousand times its number."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.pid, self.created_ns, self.parent = life.pid, life.created_ns, life.parent
        self.denied = life.denied
        self.closed = False

    def clock_ns(self) -> int | None:
        return self.pid * 1000

    def read(self, clock_ns: int | None, in_full: bool) -> Callable[[], Reading]:
        assert not self.closed
        if self.life.ended:
            raise ProcessLookupError("it has ended")
        rest = (1, 2, 3, 4, 5, 6, 7, 8, 9) if in_full else (None,) * 9
        return lambda: Reading(clock_ns, *rest)

    def switches(self) -> tuple[int, int] | None:
        return None if self.life.ended else (self.pid, 1)

    def pss_bytes(self) -> int | None:
        return None if self.life.ended else self.pid * 10

    def close(self) -> None:
        assert not self.closed
        self.closed = True


@dataclass
class FakeProcesses:
    now: dict[int, Life] = field(default_factory=dict)
    opened: list[FakeProcess] = field(default_factory=list)
    begun: int = 0
    most: int = 1000

    def begin(self, pid: int, parent: int = 1, denied: str | None = None, line: str = "") -> None:
        self.begun += 1
        self.now[pid] = Life(pid, self.begun, parent, denied, line)

    def end(self, pid: int) -> None:
        self.now.pop(pid).ended = True

    def open(self, pid: int) -> FakeProcess:
        if pid not in self.now:
            raise FileNotFoundError(2, "No such file", str(pid))
        if len(self.opened) == self.most:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self.opened.append(FakeProcess(self.now[pid]))
        return self.opened[-1]

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


def survey(lane: ProcessLane) -> None:
    """What the sampler has done once a second."""
    lane.look()
    lane.find_children()
    lane.count_switches()
    lane.count_sockets()


def read(lane: ProcessLane, t_ns: int = 9) -> list[dict[str, object]]:
    return [named(row) for row in rows_of(lane.read(t_ns))]


def named(row: Row) -> dict[str, object]:
    return dict(zip(COLUMNS, row, strict=True))


def labels(lane: ProcessLane) -> dict[object, tuple[object, object]]:
    return {row["pid"]: (row["model"], row["role"]) for row in read(lane, next(_SECONDS))}


# Our own processes have a row a second, so each of these readings is a second after the last.
_SECONDS = count(100 * SECOND, SECOND)

SOMETIMES = ("voluntary_switches", "involuntary_switches", "pss_bytes", "remote_sockets")


def sometimes(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in SOMETIMES)


def test_a_row_has_what_was_read(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(11)
    lane.watch(11, "m", "engine")
    (row,) = read(lane)
    assert row == {
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
        "children_cpu_ns": 9,
        **dict.fromkeys(SOMETIMES),
    }


def test_what_is_costly_is_in_the_next_row_and_null_in_the_others(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(11)
    lane.watch(11, "m", "engine")
    lane.count_switches()
    lane.count_sockets()
    lane.measure_pss()
    assert sometimes(*read(lane)) == (11, 1, 110, 3)
    assert sometimes(*read(lane)) == (None,) * 4
    lane.measure_pss()
    assert sometimes(*read(lane)) == (None, None, 110, None)


@pytest.mark.parametrize("role", ["client", "tracer"])
def test_our_own_processes_have_a_row_a_second(
    lane: ProcessLane, processes: FakeProcesses, role: str
) -> None:
    processes.begin(10)
    processes.begin(11)
    lane.watch(10, None, role)
    lane.watch(11, "m", "engine")
    ticks = [tick * SECOND // 20 for tick in range(20, 61)]  # from 1 s to 3 s
    rows = [row for t_ns in ticks for row in read(lane, t_ns)]
    assert [row["t_ns"] for row in rows if row["pid"] == 10] == [SECOND, 2 * SECOND, 3 * SECOND]
    assert [row["t_ns"] for row in rows if row["pid"] == 11] == ticks


def test_the_last_reading_is_of_our_own_processes_too(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10)
    lane.watch(10, None, "tracer")
    assert len(read(lane, SECOND)) == 1
    assert read(lane, SECOND + 1) == []
    lane.read_all_next()
    assert len(read(lane, SECOND + 2)) == 1


def test_a_child_of_ours_that_turns_out_to_serve_a_model_is_read_at_the_next_tick(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10)
    lane.watch(10, None, "client")
    assert len(read(lane, SECOND)) == 1
    lane.watch(10, "m", "engine")
    assert len(read(lane, SECOND + 1)) == 1


def test_a_model_and_the_processes_can_be_asked_for(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10)
    processes.begin(11)
    lane.watch(10, "m", "engine")
    lane.watch(11, None, "client")
    assert lane.pids() == [10, 11]
    assert [lane.model_of(pid) for pid in (10, 11, 12)] == ["m", None, None]
    lane.forget(10)
    assert (lane.pids(), lane.model_of(10)) == ([11], None)


def test_a_reading_stays_what_it_was_when_its_process_is_forgotten_or_relabelled(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    pending = [lane.read(1)]
    lane.watch(10, "n", "engine")
    pending.append(lane.read(2))
    lane.forget(10)
    pending.append(lane.read(3))
    rows = [named(row) for each in pending for row in each()]
    assert [(row["t_ns"], row["model"]) for row in rows] == [(1, "m"), (2, "n")]


def test_an_end_is_noted_once_whatever_is_pending(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    pending = [lane.read(1)]
    processes.end(10)
    pending += [lane.read(2), lane.read(3)]
    assert [len(each()) for each in pending] == [1, 0, 0]
    assert [note[:3] for note in notes] == [("process_gone", "process", "10")]
    assert all(process.closed for process in processes.opened)


def test_sockets_that_cannot_be_asked_are_null(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    survey(lane)
    assert sometimes(*read(lane)) == (10, 1, None, None)


def test_children_are_followed_under_the_same_labels(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11), (20, 1)):
        processes.begin(pid, parent)
    lane.watch(10, "m", "engine")
    assert labels(lane).keys() == {10}
    survey(lane)
    assert labels(lane) == dict.fromkeys((10, 11, 12), ("m", "engine"))


def test_a_child_watched_itself_keeps_its_labels(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11)):
        processes.begin(pid, parent)
    lane.watch(10, None, "client")
    survey(lane)
    assert labels(lane)[12] == (None, "client")
    lane.watch(11, "m", "engine")
    survey(lane)
    assert labels(lane) == {10: (None, "client"), 11: ("m", "engine"), 12: ("m", "engine")}
    lane.watch(10, "n", "engine")  # what is watched below stays as it is
    assert labels(lane) == {10: ("n", "engine"), 11: ("m", "engine"), 12: ("m", "engine")}


def test_what_was_forgotten_is_not_found_again(lane: ProcessLane, processes: FakeProcesses) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11)):
        processes.begin(pid, parent)
    lane.watch(10, None, "client")
    lane.watch(11, "m", "engine")
    survey(lane)
    lane.forget(11)
    survey(lane)
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
    assert read(lane) == []
    assert [(note.kind, note.subject) for note in notes] == [("process_gone", "10")]
    survey(lane)
    assert read(lane) == []


def test_a_reused_pid_can_be_watched_anew(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    lane.watch(10, "m", "engine")
    processes.end(10)
    processes.begin(10)
    lane.watch(10, "n", "engine")  # before any reading showed that the old one ended
    (row,) = read(lane)
    assert (row["model"], row["created_ns"]) == ("n", 2)


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
    survey(lane)
    assert labels(lane) == {10: (None, "client"), 11: (None, "client")}


def test_children_outlive_their_parent(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    processes.begin(11, 10)
    lane.watch(10, "m", "engine")
    survey(lane)
    processes.end(10)
    processes.now[11].parent = 1
    assert labels(lane) == {11: ("m", "engine")}
    survey(lane)
    assert labels(lane) == {11: ("m", "engine")}


def test_nobody_there_to_watch(lane: ProcessLane, notes: Notes) -> None:
    lane.watch(10, "m", "engine")
    assert read(lane) == []
    (note,) = notes
    assert note[:3] == ("process_gone", "process", "10")
    assert "could not be watched" in (note.detail or "")


def test_processes_that_no_file_is_left_for_are_left_out_and_that_is_noted_once(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 10), (13, 10)):
        processes.begin(pid, parent)
    processes.most = 2
    lane.watch(10, "m", "engine")
    lane.find_children()
    lane.find_children()
    assert set(labels(lane)) == {10, 11}
    (note,) = notes
    assert note[:3] == ("lane_missing", "process", None)
    assert "Too many open files" in (note.detail or "")


def test_what_is_denied_is_noted_once(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    processes.begin(10, denied="bytes: not permitted")
    lane.watch(10, "m", "engine")
    lane.watch(10, "m", "engine")
    read(lane)
    (note,) = notes
    assert note == ("lane_missing", "process", "10", None, "bytes: not permitted")


def test_everything_is_closed(lane: ProcessLane, processes: FakeProcesses) -> None:
    processes.begin(10)
    processes.begin(11, 10)
    lane.watch(10, "m", "engine")
    survey(lane)
    lane.close()
    assert all(process.closed for process in processes.opened)


def test_a_followed_models_process_is_read_with_its_children(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(10, line="runner sha256-a")
    processes.begin(11, 10)
    lane.follow("m", "sha256-a", None)
    assert labels(lane) == {10: ("m", "engine")}  # at once
    survey(lane)
    assert labels(lane) == dict.fromkeys((10, 11), ("m", "engine"))


def test_the_process_that_takes_over_is_found_by_a_look_and_by_the_survey(
    lane: ProcessLane, processes: FakeProcesses, notes: Notes
) -> None:
    processes.begin(10, line="runner sha256-a")
    lane.follow("m", "sha256-a", None)
    for pid, look in ((20, lambda: lane.look(wanted=True)), (30, lambda: survey(lane))):
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
    survey(lane)
    lane.unfollow("m")
    survey(lane)
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
    survey(lane)
    assert labels(lane) == {5: (None, "server"), 10: ("m", "engine")}


REST = ("rss_bytes", "read_bytes", "minor_faults", "threads", "children_cpu_ns")


@pytest.mark.parametrize(("hz", "every"), [(50, 5), (20, 2), (5, 1)])
def test_processes_are_read_in_full_ten_times_a_second(
    lane: ProcessLane, processes: FakeProcesses, hz: int, every: int
) -> None:
    processes.begin(1)
    lane.watch(1, "m", "engine")
    jitter = [0, SECOND // 1000]  # a tick that comes late
    rows = [read(lane, SECOND + tick * SECOND // hz + jitter[tick % 2])[0] for tick in range(21)]
    given = [n for n, row in enumerate(rows) if row["read_bytes"] is not None]
    assert given == list(range(0, 21, every))
    for row in rows:
        assert len({row[name] is None for name in REST}) == 1
        assert row["cpu_ns"] == 1000


def test_the_first_row_of_a_process_is_full_and_each_of_ours(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    for pid in (1, 2, 3):
        processes.begin(pid)
    lane.watch(1, "m", "engine")
    read(lane, SECOND)
    lane.watch(2, "m", "engine")
    lane.watch(3, None, "tracer")
    rows = {row["pid"]: row["read_bytes"] for row in read(lane, SECOND + SECOND // 50)}
    assert rows == {1: None, 2: 2, 3: 2}
    lane.read_all_next()
    rows = {row["pid"]: row["read_bytes"] for row in read(lane, SECOND + SECOND // 25)}
    assert rows == {1: 2, 2: 2, 3: 2}


def test_the_first_row_under_other_labels_is_full(
    lane: ProcessLane, processes: FakeProcesses
) -> None:
    processes.begin(1)
    lane.watch(1, None, "server")
    read(lane, SECOND)
    lane.watch(1, "m", "engine")
    ticks = [SECOND + n * SECOND // 50 for n in (1, 2)]
    assert [read(lane, t)[0]["threads"] for t in ticks] == [8, None]
