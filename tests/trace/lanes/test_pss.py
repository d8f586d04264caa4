from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from stages.trace.lanes import pss
from stages.trace.lanes.pss import PssThread


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


class Waits(threading.Event):
    """Is waited for without waiting; ends after so many times, and knows for how long each was."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout or 0)
        return len(self.asked) > self.times


def waits(monkeypatch: pytest.MonkeyPatch, *costs_s: float) -> list[float]:
    """How long it waits before each of so many readings, each of this much CPU time, and after."""
    spent = iter([at for cost in costs_s for at in (0.0, cost)])
    monkeypatch.setattr(pss.time, "thread_time", lambda: next(spent))
    thread = PssThread(lambda: None)
    thread._stop_asked = waits = Waits(len(costs_s))
    thread.run()
    return waits.asked


def test_a_cheap_reading_is_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waits(monkeypatch, 0.0, 0.001, 0.005) == [1, 1, 1, 1]


def test_a_costly_one_is_made_so_seldom_that_it_takes_half_a_percent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert waits(monkeypatch, 0.05, 1.0, 0.0) == pytest.approx([1, 10, 200, 1])


def test_it_measures_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pss, "_EVERY_S", 0.01)
    readings: list[str] = []
    thread = PssThread(lambda: readings.append(threading.current_thread().name))
    thread.start()
    wait_for(lambda: len(readings) >= 2)
    thread.stop(20)
    assert not thread.is_alive()
    assert set(readings) == {"pss"}


def test_the_end_does_not_wait_for_a_long_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pss, "_EVERY_S", 0.01)
    began, go_on = threading.Event(), threading.Event()
    thread = PssThread(lambda: (began.set(), go_on.wait(20))[0])
    thread.start()
    began.wait(20)
    before = time.monotonic()
    thread.stop(0.05)
    assert time.monotonic() - before < 5
    assert thread.is_alive()
    go_on.set()
    thread.join(20)
    assert not thread.is_alive()
