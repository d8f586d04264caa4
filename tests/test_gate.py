from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stages import gate
from stages.errors import RunFailed
from stages.files import write_json


def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: float, **found: Any) -> None:
    monkeypatch.chdir(tmp_path)
    write_json(Path("data/plan/gate.json"), {"max_failures": allowed})
    write_json(Path("data/failures.json"), {"by_source": {}, **found})


def test_all_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(tmp_path, monkeypatch, 0.0, responses=4, failed=0)
    gate.main([])
    assert capsys.readouterr().out == "gate: 4 of 4 responses are there\n"


def test_the_allowed_share_passes_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(tmp_path, monkeypatch, 0.25, responses=4, failed=1)
    gate.main([])
    assert "3 of 4 responses are there (1 failed, max_failures = 0.25" in capsys.readouterr().out


def test_too_many_name_source_count_and_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_source = {
        "good": {"responses": 2, "failed": 0, "reasons": {}},
        "bad": {"responses": 2, "failed": 2, "reasons": {"gone\x1b[2J\nfor good": 2}},
    }
    prepare(tmp_path, monkeypatch, 0.25, responses=4, failed=2, by_source=by_source)
    with pytest.raises(RunFailed) as raised:
        gate.main([])
    text = str(raised.value)
    assert "2 of 4 responses failed" in text
    assert "bad: 2 of 2: gone [2J for good (2)" in text
    assert "good: 2" not in text
    assert "\x1b" not in text


def test_nothing_asked_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch, 0.0, responses=0, failed=0)
    gate.main([])
