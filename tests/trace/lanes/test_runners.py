"""Processes of models, found by a mark in their command lines among a handful of made-up ones."""

from __future__ import annotations

import pytest

from stages.trace.lanes.runners import Runners
from tests.trace.notes import Notes


class System:
    """``begin`` a process with its command line; ``line`` null: it can't be read."""

    def __init__(self) -> None:
        self.lines: dict[int, str | None] = {}
        self.parents: dict[int, int] = {}
        self.asked: list[int] = []

    def begin(self, pid: int, line: str | None, parent: int = 1) -> None:
        self.lines[pid] = line
        self.parents[pid] = parent

    def end(self, pid: int) -> None:
        del self.lines[pid]

    def pids(self) -> set[int]:
        return set(self.lines)

    def words(self, pid: int) -> str:
        self.asked.append(pid)
        line = self.lines.get(pid)
        if line is None:
            raise PermissionError(13, "Permission denied")
        return line

    def parent(self, pid: int) -> int | None:
        return self.parents.get(pid)


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def runners(system: System, notes: Notes) -> Runners:
    return Runners(system, notes)


def kinds(notes: Notes) -> list[tuple[str, str | None, float | None]]:
    return [(note.kind, note.subject, note.value) for note in notes]


def test_nothing_is_read_while_no_model_is_followed(system: System, runners: Runners) -> None:
    system.begin(10, "ollama runner --model sha256-a")
    assert list(runners.look()) == []
    assert system.asked == []
    assert not runners.wanting


def test_each_process_is_found_once_under_its_model(
    system: System, runners: Runners, notes: Notes
) -> None:
    system.begin(10, "ollama runner --model sha256-a")
    system.begin(11, "ollama runner --model sha256-b")
    system.begin(12, "vi notes.txt")
    runners.follow("a", "sha256-a", None)
    runners.follow("b", "sha256-b", None)
    assert runners.wanting
    assert list(runners.look()) == [(10, "a"), (11, "b")]
    assert list(runners.look()) == []
    assert not runners.wanting
    assert kinds(notes) == [("runner_started", "a", 10), ("runner_started", "b", 11)]


def test_another_process_in_its_place_is_a_reload(
    system: System, runners: Runners, notes: Notes
) -> None:
    system.begin(10, "runner sha256-a")
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == [(10, "a")]
    system.end(10)
    runners.ended(10)
    assert runners.wanting
    system.begin(20, "runner sha256-a")
    assert list(runners.look()) == [(20, "a")]
    assert kinds(notes) == [("runner_started", "a", 10), ("runner_reloaded", "a", 20)]
    assert "before, 10 did" in (notes[1].detail or "")


def test_a_second_process_beside_the_first_is_no_reload(
    system: System, runners: Runners, notes: Notes
) -> None:
    system.begin(10, "runner sha256-a")
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == [(10, "a")]
    system.begin(20, "runner sha256-a")
    assert list(runners.look()) == [(20, "a")]
    assert kinds(notes) == [("runner_started", "a", 10)]
    assert runners.unfollow("a") == {10, 20}


def test_a_model_that_was_unloaded_on_purpose_starts_anew(
    system: System, runners: Runners, notes: Notes
) -> None:
    system.begin(10, "runner sha256-a")
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == [(10, "a")]
    assert runners.unfollow("a") == {10}
    assert not runners.wanting
    system.end(10)
    system.begin(20, "runner sha256-a")
    assert list(runners.look()) == []
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == [(20, "a")]
    assert [note.kind for note in notes] == ["runner_started", "runner_started"]
    assert runners.unfollow("b") == set()  # never followed: nothing to do


def test_a_command_line_is_looked_at_three_times_as_it_may_change(
    system: System, runners: Runners
) -> None:
    system.begin(10, "ollama serve")
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == []
    system.lines[10] = "ollama runner --model sha256-a"  # what began it has replaced itself
    assert list(runners.look()) == [(10, "a")]
    system.begin(11, "sleep 60")
    for _ in range(5):
        assert list(runners.look()) == []
    assert system.asked.count(11) == 3


def test_those_that_run_already_are_looked_at_again_for_another_model(
    system: System, runners: Runners
) -> None:
    system.begin(10, "runner sha256-b")
    runners.follow("a", "sha256-a", None)
    for _ in range(4):
        assert list(runners.look()) == []
    runners.follow("b", "sha256-b", None)
    assert list(runners.look()) == [(10, "b")]


def test_a_command_line_that_cannot_be_read_is_nobodys(system: System, runners: Runners) -> None:
    system.begin(10, None)
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == []


def test_below_a_server_only_its_descendants_count(system: System, runners: Runners) -> None:
    system.begin(5, "ollama serve")
    system.begin(6, "sh", parent=5)
    system.begin(10, "runner sha256-a", parent=6)
    system.begin(11, "runner sha256-a", parent=7)  # of another server, whose parent has ended
    runners.follow("a", "sha256-a", 5)
    assert list(runners.look()) == [(10, "a")]


def test_a_circle_of_parents_has_an_end(system: System, runners: Runners) -> None:
    system.begin(10, "runner sha256-a", parent=11)
    system.begin(11, "sh", parent=10)
    runners.follow("a", "sha256-a", 5)
    assert list(runners.look()) == []


def test_two_models_of_the_same_weights_are_told_apart_by_their_servers(
    system: System, runners: Runners, notes: Notes
) -> None:
    for server, pid in ((5, 10), (6, 11)):
        system.begin(server, "ollama serve")
        system.begin(pid, "ollama runner --model sha256-a", parent=server)
    runners.follow("a", "sha256-a", 5)
    assert runners.follow("b", "sha256-a", 6) == set()
    assert list(runners.look()) == [(10, "a"), (11, "b")]


def test_where_their_servers_are_out_of_sight_neither_is_followed_and_that_is_said(
    system: System, runners: Runners, notes: Notes
) -> None:
    system.begin(10, "ollama runner --model sha256-a")
    runners.follow("a", "sha256-a", None)
    assert list(runners.look()) == [(10, "a")]
    assert runners.follow("b", "sha256-a", 6) == {10}  # a's no longer: it may be b's
    system.begin(11, "ollama runner --model sha256-a")
    assert list(runners.look()) == []
    assert not runners.wanting
    missing = [note.subject for note in notes if note.kind == "lane_missing"]
    assert missing == ["a", "b"]
    runners.unfollow("b")
    assert {pid for pid, _ in runners.look()} == {10, 11}
