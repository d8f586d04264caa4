from __future__ import annotations

import numpy as np
import pytest

from stages.errors import RunFailed
from stages.reading import reader
from stages.reading.reader import ModelReader, default_reader

OPENING = 'Question: Are tea and tax connected?\n\nText: "'


def test_a_piece_is_read_in_the_light_of_those_before_it() -> None:
    yes, no = (
        default_reader().read(OPENING, [said, " It is so."]) for said in ("They are.", "No link.")
    )
    assert yes.shape == (2, 576)
    assert not np.allclose(yes[1], no[1], atol=0.1)
    alone = default_reader().read(OPENING, ["They are."])
    assert np.allclose(alone[0], yes[0], atol=1e-2)


def test_a_long_text_is_read_in_windows_that_begin_anew() -> None:
    piece = " tea" * 100
    found = default_reader().read(OPENING, [piece] * 20)
    each = (768 - 13) // 100  # the opening has 13 tokens
    assert found.shape == (20, 576)
    assert np.allclose(found[0], found[each], atol=1e-2)
    assert not np.allclose(found[0], found[1], atol=1e-2)


@pytest.mark.parametrize("pieces", [[], ["\x04"], ["x" * 100_000], ["\ud7ff🏴‍☠️" * 300]])
def test_whatever_it_is_given_each_piece_has_finite_numbers(pieces: list[str]) -> None:
    found = default_reader().read("A" * 10_000, pieces)
    assert found.shape == (len(pieces), 576)
    assert np.isfinite(found).all()


def test_no_more_is_read_at_once_than_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def states(_weights: object, tokens: np.ndarray) -> np.ndarray:
        read.append(len(tokens))
        return np.zeros((len(tokens), 576), dtype=np.float32)

    monkeypatch.setattr(reader, "states", states)
    default_reader().read("A" * 10_000, ["x y " * 400, "z"] * 3)  # the opening has 1,250 tokens
    assert max(read) <= 768 and len(read) == 2


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "DIGEST", "sha256:" + "0" * 64)
    with pytest.raises(RunFailed, match=r"isn't the file .* run `make setup`"):
        ModelReader()
