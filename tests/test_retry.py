from __future__ import annotations

from pathlib import Path

import pytest

from stages import retry


def test_only_what_failed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    retry.prepare(["good", "bad"])
    before = {path.name: path.read_bytes() for path in retry.FOLDER.iterdir()}
    retry.again(["bad"])
    retry.prepare(["good", "bad"])
    after = {path.name: path.read_bytes() for path in retry.FOLDER.iterdir()}
    assert after["good.json"] == before["good.json"]
    assert after["bad.json"] != before["bad.json"]
    retry.again(["bad"])
    assert (retry.FOLDER / "bad.json").read_bytes() != after["bad.json"]
