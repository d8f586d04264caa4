from __future__ import annotations

import time

import pytest

from stages.trace.lanes.slow import Waits

MS = 1_000_000


def test_three_long_readings_running_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: 100 * MS)
    waits = Waits()

    def took(source: str, ms: int) -> bool:
        return waits.too_long(source, (100 - ms) * MS)

    assert not took("a", 6)
    assert not took("a", 6)
    assert not took("b", 6)  # another one's are its own
    assert not took("a", 1)  # and a short one forgives
    assert not took("a", 6)
    assert not took("a", 6)
    assert took("a", 6)
