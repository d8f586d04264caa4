from __future__ import annotations

import pytest

from stages.measuring import progress
from stages.measuring.progress import Tally
from stages.measuring.recorder import Recorder


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_log_has_a_line_a_response_with_speed_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    with Tally("generate m", 4) as tally:
        clock.now = 2.0
        tally.finished("m p", 20, 2.0, "stop")
        clock.now = 4.0
        tally.finished("m q", None, 2.0, "error")
    first, second = capsys.readouterr().err.splitlines()
    # 20 tokens in 2 s; three more of 2 s each are left
    assert first == "generate m 1/4: m p: stop, 20 tokens in 2.0 s (10 tokens/s, 0:00:06 left)"
    assert second.endswith("m q: error, tokens unknown in 2.0 s (5 tokens/s, 0:00:04 left)")


def test_what_is_reported_after_closing_is_dropped() -> None:
    class Spool:
        added = 0

        def add(self, *_: object) -> None:
            self.added += 1

    spool = Spool()
    record = {
        "model": "m",
        "arm": "solo",
        "prompt_id": "p",
        "turn": 1,
        "epoch": 1,
        "stop": "stop",
        "output_tokens": 1,
    }
    recorder = Recorder(spool, Tally("x", 2))  # type: ignore[arg-type]
    recorder.add(record, [])
    recorder.close()
    recorder.add(record, [])
    assert spool.added == 1
