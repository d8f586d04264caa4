from __future__ import annotations

import numpy as np

from stages.heuristics.encoder import default_encoder


def test_vectors_have_length_one() -> None:
    vectors = default_encoder().encode(["sun", "moon"])
    assert vectors.shape == (2, 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_nothing_gives_nothing() -> None:
    assert default_encoder().encode([]).shape == (0, 512)


def test_it_is_loaded_once() -> None:
    assert default_encoder() is default_encoder()
