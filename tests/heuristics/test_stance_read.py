from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from stages.files import read_json
from stages.heuristics import stance_read
from stages.heuristics.stance_near import looked_at
from stages.heuristics.stance_read import (
    COUNT,
    DIRECTIONS,
    FEATURES,
    Text,
    opening,
    read,
    read_texts,
    steps_of,
    with_readings,
)
from stages.heuristics.stance_sentences import marked_sentences
from stages.reading.reader import DIGEST, LAYERS
from tests.graph import ROOT

TOPICS = ["tea", "tax"]


def seen(*texts: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    schema = {"response_id": pl.String, "text": pl.String}
    frame = pl.DataFrame({"response_id": map(str, range(len(texts))), "text": texts}, schema)
    named = frame.with_columns(first=pl.lit(r"\btea\b"), second=pl.lit(r"\btax\b"))
    topics = frame.select("response_id", pl.lit(pl.Series([TOPICS])).first().alias("topics"))
    return looked_at(marked_sentences(named, "text")), topics


def test_what_the_reader_is_given() -> None:
    texts = read_texts(*seen("## Tea\n\nTea is hot. So is rum.\n- a tax"))
    assert texts == [
        (
            [0, 1, 2, 3],
            Text(opening(*TOPICS), ("## Tea", "\nTea is hot.", " So is rum.", "\n- a tax")),
        )
    ]
    assert "Are tea and tax connected" in texts[0][1].opening


def test_a_long_sentence_and_a_long_topic_are_cut() -> None:
    assert read_texts(*seen("x" * 500))[0][1].pieces == ("x" * 200,)
    assert len(opening("t" * 10_000, "tax")) < 250


def test_a_reading_is_rounded_and_bounded() -> None:
    states = np.array([[1.0, 0.0], [0.0, 0.5], [100.0, -100.0]], dtype=np.float32)
    mean, along = np.array([0.0, 0.5]), np.array([[0.3, 0.0], [0.0, 0.1]])
    assert steps_of(states, mean, along).tolist() == [[30, -5], [0, 0], [127, -127]]


def test_kept_readings_are_taken_and_texts_alike_are_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[Text] = []

    def other(text: Text) -> npt.NDArray[np.int8]:
        given.append(text)
        return np.full((len(text.pieces), COUNT), 7, dtype=np.int8)

    monkeypatch.setattr(stance_read, "read", other)
    sentences, topics = seen("Tea is hot. So is rum.", "A tax.", "A tax.")
    first = read_texts(sentences, topics)[0][1]
    kept = {first.digest(): np.full((2, COUNT), -5, dtype=np.int8)}
    rows = with_readings(sentences, topics, kept)
    assert rows[FEATURES[0]].to_list() == [-0.05, -0.05, 0.07, 0.07]
    assert [one.pieces for one in given] == [("A tax.",)]


def test_a_long_wait_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = np.zeros((1, COUNT), dtype=np.int8)
    monkeypatch.setattr(stance_read, "read", lambda _: nothing)
    with_readings(*seen("A tax.", "Tea."))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(stance_read, "_SILENT_S", -1.0)
    with_readings(*seen("A tax.", "Tea."))
    assert capsys.readouterr().err.splitlines() == [
        "stance: read 1 of 2 texts",
        "stance: read 2 of 2 texts",
    ]


def test_a_sentence_that_nobody_looked_at_is_not_read() -> None:
    text = "\n".join([*(f"Begun {n}." for n in range(12)), "Not me.", *(["Ended."] * 12)])
    rows, topics = seen(text)
    pieces = read_texts(rows, topics)[0][1].pieces
    assert len(pieces) == 24
    assert "\nNot me." not in pieces


def test_without_a_text_there_is_no_row_but_every_column() -> None:
    rows = with_readings(*seen())
    assert rows.height == 0
    assert set(FEATURES) <= set(rows.columns)


def test_the_same_words_mean_another_thing_after_another_sentence() -> None:
    denied, claimed = (
        read(Text(opening("moon", "births"), (said, " The registers don't bear it out.")))
        for said in ("People say they are linked.", "People say they aren't linked.")
    )
    assert np.abs(denied[1].astype(int) - claimed[1]).max() > 5


@pytest.mark.parametrize("kernel", ["Nehalem", "Haswell"])
def test_another_processor_gives_the_same_steps(kernel: str) -> None:
    # OpenBLAS has other kernels for other processors, whose sums differ in their last digits.
    code = (
        "from stages.heuristics.stance_read import Text, opening, read\n"
        "text = Text(opening('tea', 'tax'), ('Tea is taxed.', ' It isn\\'t a link.', '\\n- No.'))\n"
        "print(read(text).tolist())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"OPENBLAS_CORETYPE": one, "OPENBLAS_NUM_THREADS": threads},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for one, threads in (("", "2"), (kernel, "1"))
    ]
    here, there = (np.array(json.loads(one)) for one in said)
    assert here.shape == (3, COUNT)
    assert np.abs(here - there).max() <= 1


def test_the_directions_are_of_the_weights_that_are_read() -> None:
    held = read_json(DIRECTIONS)
    assert (held["weights"], held["layer"]) == (DIGEST, LAYERS)
    assert tuple(held["directions"]) == FEATURES
    assert {len(row) for row in [held["mean"], *held["directions"].values()]} == {576}
