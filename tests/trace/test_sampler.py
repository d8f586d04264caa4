"""The sampler's loop in this process, with lanes that do as they are told."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.trace import sampler as module
from stages.trace.clock import SECOND
from stages.trace.lanes.lane import LaneMissing, Rows
from stages.trace.sampler import Sampler
from tests.trace.readings import rows, wait_for

HZ = 50.0


class FakeLane:
    """Has a row a reading with the reading's number, or what ``say`` makes of that number."""

    columns = ("t_ns", "number")

    def __init__(
        self,
        name: str = "fake",
        table: str = "trace_fake",
        say: Callable[[int], Rows] | None = None,
        period_s: float = 0.0,
        absent: str | None = None,
    ) -> None:
        self.name, self.table, self.period_s, self.absent = name, table, period_s, absent
        self.say = say
        self.readings = self.closings = 0

    def open(self) -> None:
        if self.absent:
            raise LaneMissing(self.absent)

    def read(self, t_ns: int) -> Rows:
        assert not self.closings
        self.readings += 1
        number = self.readings
        return self.say(number) if self.say else (lambda: [(t_ns, number)])

    def close(self) -> None:
        self.closings += 1


class NoGpus:
    """Stands for the threads of the GPUs."""

    def __init__(self, *_: object) -> None:
        self.connected = threading.Event()
        self.connected.set()
        self.has_energy = False

    def start(self) -> None:
        pass

    def stop(self, patience_s: float) -> None:
        pass


class Run:
    """A sampler at work in ``scratch`` until ``end``."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch, *lanes: FakeLane) -> None:
        monkeypatch.setattr(module, "lanes", lambda *_: list(lanes))
        monkeypatch.setattr(module.gpu, "GpuThreads", NoGpus)
        monkeypatch.setattr(module, "_HAND_OVER_NS", SECOND // 50)  # no test has to wait
        self.scratch = scratch
        self.error: OSError | None = None
        self.sampler = Sampler(scratch, HZ)
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.sampler.run()
        except OSError as error:
            self.error = error

    def begin(self) -> Run:
        self._thread.start()
        return self

    def end(self) -> None:
        self.sampler.end()
        self.ended()

    def ended(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()

    def rows(self, table: str = "trace_fake") -> list[dict[str, Any]]:
        return rows(self.scratch, table)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.rows("trace_events") if event["kind"] == kind]


Begin = Callable[..., Run]


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return lambda *lanes: Run(tmp_path, monkeypatch, *lanes)


@pytest.fixture
def begin(prepare: Begin) -> Iterator[Begin]:
    begun: list[Run] = []

    def begin(*lanes: FakeLane) -> Run:
        begun.append(prepare(*lanes))
        return begun[-1].begin()

    yield begin
    for run in begun:
        run.end()


def test_every_tick_and_a_last_reading_are_kept_in_order(begin: Begin) -> None:
    run = begin(FakeLane())
    wait_for(lambda: len(run.rows()) >= 5)
    run.end()
    numbers = [row["number"] for row in run.rows()]
    assert numbers == list(range(1, len(numbers) + 1))
    (ticks,) = run.events("ticks")
    assert len(numbers) == ticks["value"] + 1
    assert {event["subject"] for event in run.events("cost")} == {"cpu", "memory"}


@pytest.mark.parametrize(("table", "energy"), [("trace_fake", False), ("trace_energy", True)])
def test_it_says_that_it_is_ready_and_whether_joules_can_be_read(
    begin: Begin, capfd: pytest.CaptureFixture[str], table: str, energy: bool
) -> None:
    run = begin(FakeLane(table=table), FakeLane("none", "trace_energy", absent="no such counter"))
    wait_for(lambda: len(run.rows(table)) >= 3)
    run.end()
    assert json.loads(capfd.readouterr().out) == {"ready": True, "energy": energy}


def test_a_lane_that_is_not_there_says_why_and_is_not_asked(begin: Begin) -> None:
    absent, there = FakeLane("none", absent="no such thing; buy one"), FakeLane()
    run = begin(absent, there)
    wait_for(lambda: len(run.rows()) >= 3)
    (event,) = run.events("lane_missing")
    assert (event["lane"], event["detail"]) == ("none", "no such thing; buy one")
    assert absent.readings == 0


def fails(number: int) -> Rows:
    if number == 3:
        raise OSError(5, "Input/output error", "/dev/x")
    return [(0, number)]


def fails_later(number: int) -> Rows:
    def make() -> Rows:
        return [(0, int("garbage" if number == 3 else number))]

    return make


@pytest.mark.parametrize("say", [fails, fails_later])
def test_a_lane_that_fails_is_lost_alone_and_said_once(
    begin: Begin, say: Callable[[int], Rows]
) -> None:
    bad, good = FakeLane("bad", "trace_bad", say), FakeLane()
    run = begin(bad, good)
    wait_for(lambda: run.events("lane_missing"))
    before = len(run.rows())
    wait_for(lambda: len(run.rows()) > before + 2)
    run.end()
    (event,) = run.events("lane_missing")
    assert event["lane"] == "bad"
    assert event["detail"].startswith("from here on: ")
    assert [row["number"] for row in run.rows("trace_bad")][:2] == [1, 2]
    assert bad.closings == 1
    numbers = [row["number"] for row in run.rows()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_lane_with_a_period_is_read_once_a_period(begin: Begin) -> None:
    slow = FakeLane("slow", "trace_slow", period_s=0.25)
    run = begin(slow, FakeLane())
    wait_for(lambda: len(run.rows("trace_slow")) >= 3)
    run.end()
    first, *_, last = (row["t_ns"] for row in run.rows("trace_slow"))
    periods = (last - first) / SECOND / 0.25
    assert len(run.rows("trace_slow")) <= periods + 2
    assert len(run.rows()) > len(run.rows("trace_slow"))


def test_a_lane_with_a_period_is_read_at_the_end_as_well(begin: Begin) -> None:
    run = begin(FakeLane("slow", "trace_slow", period_s=60), FakeLane())
    wait_for(lambda: len(run.rows("trace_slow")) == 1)
    run.end()
    assert len(run.rows("trace_slow")) == 2


def test_a_suspend_is_an_event(begin: Begin) -> None:
    run = begin(FakeLane())
    slept = iter([7 * SECOND])
    run.sampler._suspends.slept_ns = lambda: next(slept, 0)  # type: ignore[method-assign]
    wait_for(lambda: run.events("suspend"))
    assert [event["value"] for event in run.events("suspend")] == [7.0]


def test_a_wall_clock_that_is_set_shifts_no_reading(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic_ns()
    run = begin(FakeLane())
    wait_for(lambda: len(run.rows()) >= 5)
    wall = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: wall() + 5 * SECOND)
    wait_for(lambda: len(run.rows()) >= 15)
    run.end()
    t_ns = [row["t_ns"] for row in run.rows()]
    assert began <= t_ns[0]
    assert t_ns == sorted(t_ns)
    assert t_ns[-1] <= time.monotonic_ns()
    first, *_, last = run.rows("anchors")
    passed = {name: last[name] - first[name] for name in ("monotonic_ns", "wall_ns")}
    assert passed["wall_ns"] - passed["monotonic_ns"] == pytest.approx(5 * SECOND, abs=SECOND)
    for kind in ("suspend", "gap"):
        assert not run.events(kind)


def test_a_process_is_read_once_more_when_it_is_forgotten(begin: Begin) -> None:
    run = begin()
    me = os.getpid()
    run.sampler.command({"watch": me, "model": "m", "role": "engine"})
    wait_for(lambda: len(run.rows("trace_process")) >= 3)
    asked = time.monotonic_ns()
    run.sampler.command({"forget": me})
    wait_for(lambda: run.rows("trace_process")[-1]["t_ns"] >= asked)
    wait_for(lambda: not run.sampler._commands)
    time.sleep(0.1)
    obeyed = time.monotonic_ns()
    time.sleep(0.1)
    run.end()
    rows = run.rows("trace_process")
    assert rows[-1]["t_ns"] <= obeyed
    assert {row["model"] for row in rows if row["role"] == "engine"} == {"m"}


def test_events_of_other_threads_are_all_kept(begin: Begin) -> None:
    run = begin(FakeLane())

    def tell(who: int) -> None:
        for number in range(50):
            run.sampler.note("told", str(who), None, number, None)

    threads = [threading.Thread(target=tell, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.end()
    for who in range(4):
        told = [event["value"] for event in run.events("told") if event["lane"] == str(who)]
        assert told == list(range(50))


def test_a_disk_that_refuses_ends_it_with_the_reason(begin: Begin) -> None:
    run = begin(FakeLane())
    wait_for(run.rows)
    run.sampler._keeper.fault = OSError(28, "No space left on device")
    run.ended()
    assert str(run.error) == "[Errno 28] No space left on device"


def test_it_ends_when_another_process_has_become_its_parent(begin: Begin) -> None:
    run = begin(FakeLane())
    wait_for(run.rows)
    run.sampler._parent = -1
    run.ended()
    assert run.events("ticks")
