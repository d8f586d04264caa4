from __future__ import annotations

from itertools import pairwise

import pytest

from stages.trace.clock import SECOND
from stages.trace.lanes.tenths import Tenths


@pytest.mark.parametrize(("hz", "most_ms"), [(50, 100), (30, 134), (25, 120), (12, 167), (5, 200)])
def test_ten_times_a_second_or_at_each_tick(hz: int, most_ms: int) -> None:
    tenths = Tenths()
    ticks = [SECOND + n * SECOND // hz for n in range(10 * hz)]
    due = [t for t in ticks if tenths.due(t)]
    assert len(due) == pytest.approx(min(10, hz) * 10, abs=2)
    assert max(b - a for a, b in pairwise(due)) <= most_ms * SECOND // 1000
    tenths.at_once()
    assert tenths.due(ticks[-1] + 1)
