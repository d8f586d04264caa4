from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from stages.errors import RunFailed
from stages.heuristics import stance_read
from stages.heuristics.stance_read import COUNT, Text, opening
from stages.validating import stance_paraphrased, stance_readings
from stages.validating.stance_material import read_labels, read_of
from stages.validating.stance_readings import _directions, check, kept
from tests.graph import ROOT

TEXT = Text(opening("tea", "tax"), ("They share nothing.", " That is all."))


def test_readings_of_every_labelled_text_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    held = kept()
    asked = {one.digest(): one for one in [*read_of(*read_labels()), *stance_paraphrased.read_of()]}
    assert held.keys() == asked.keys()
    assert all(held[name].shape == (len(one.pieces), COUNT) for name, one in asked.items())


def test_kept_readings_are_what_the_reader_gives() -> None:
    read = stance_read.read(TEXT)
    check([TEXT], {TEXT.digest(): read})
    with pytest.raises(RunFailed, match=r"'They share nothing\.': 4 steps apart; run python -m"):
        changed = read.copy()
        changed[1, 5] += 4 if changed[1, 5] < 100 else -4
        check([TEXT], {TEXT.digest(): changed})


def test_what_is_not_kept_is_not_checked() -> None:
    check([TEXT], {})


def test_without_a_file_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert kept() == {}


def test_what_is_new_is_read_and_what_is_gone_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {one: [(ROOT / one).read_text("utf-8").splitlines()[0]] for one in _FILES}
    answer = json.loads(known[_FILES[0]][0]) | {"thinking": None, "answer": "They aren't linked."}
    known[_FILES[0]] = [json.dumps(answer | {"evidence": []})]
    for one, lines in known.items():
        (tmp_path / one).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / one).write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stance_readings, "read_of", lambda *_: [TEXT])
    monkeypatch.setattr(stance_paraphrased, "read_of", list)
    gone = {"digest": [b"gone"], "steps": [bytes(COUNT)]}
    pl.DataFrame(gone).write_parquet(stance_readings.READINGS)
    stance_readings.main([])
    assert "read 1 of 1 texts" in capsys.readouterr().err
    held = kept()
    assert held.keys() == {TEXT.digest()}
    assert (held[TEXT.digest()] == stance_read.read(TEXT)).all()
    stance_readings.main([])
    assert capsys.readouterr().err == ""


_FILES = ("data/labels/two_topic.jsonl", "data/labels/stance_sentences.jsonl")


def test_directions_are_those_of_the_greatest_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stance_readings, "COUNT", 1)
    # The first two numbers go together, the third by itself: of a correlation of 1 they make one.
    states = np.array([[1, 2, 1], [-1, -2, 1], [1, 2, -1], [-1, -2, -1]], dtype=np.float32)
    mean, along = _directions(states)
    assert mean.tolist() == [0, 0, 0]
    # Standardised they are 1 and 1: a length of 2 over root 2, which is scaled to 0.3 in all.
    assert along.round(6).tolist() == [[0.15, 0.075, 0.0]]
