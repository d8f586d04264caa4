"""The forward pass of a Llama model, up to a layer: what each token's state is there.

Checked against llama.cpp, whose numbers it gives (``tests/reading/test_layers.py``). It is here in
NumPy because no server gives the states of a layer within, and those tell more of what a text says
than the last ones, which only foretell the next word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stages.reading.weights import Floats, Layer, Weights

_NEVER = np.float32(-1e9)


def states(weights: Weights, tokens: npt.NDArray[np.int64]) -> Floats:
    """The states of all tokens of one text after the last layer: shape (tokens, width).

    Time and memory grow with the square of the number of tokens.
    """
    state = weights.embedded(tokens)
    turns = _turns(len(tokens), state.shape[1] // weights.heads, weights.base)
    later = np.triu(np.full((len(tokens), len(tokens)), _NEVER, dtype=np.float32), 1)
    for layer in weights.layers:
        seen = _normed(state, layer.norm, weights.epsilon)
        state = state + _attended(seen, layer, weights, turns, later)
        seen = _normed(state, layer.feed_norm, weights.epsilon)
        gate, up = np.split(seen @ layer.gate_up, 2, axis=1)
        state = state + (gate / (1 + np.exp(-gate)) * up) @ layer.down
    return state


def _normed(state: Floats, scale: Floats, epsilon: float) -> Floats:
    size = np.sqrt(np.mean(state * state, axis=1, keepdims=True) + np.float32(epsilon))
    return np.asarray(state / size * scale)


def _attended(
    seen: Floats, layer: Layer, weights: Weights, turns: tuple[Floats, Floats], later: Floats
) -> Floats:
    """Grouped-query attention: some heads share a key and a value (arXiv 2305.13245)."""
    count, width = seen.shape
    size, each = width // weights.heads, weights.heads // weights.shared
    found = (seen @ layer.query_key_value).reshape(count, -1, size)
    query = _turned(found[:, : weights.heads], turns)
    key = _turned(found[:, weights.heads : weights.heads + weights.shared], turns)
    value = found[:, weights.heads + weights.shared :]
    # (tokens, heads, size) to (shared, heads that share · tokens, size)
    apart = query.reshape(count, weights.shared, each, size).transpose(1, 2, 0, 3)
    grouped = apart.reshape(weights.shared, each * count, size)
    alike = grouped @ key.transpose(1, 2, 0) / np.float32(size**0.5)
    scores = alike.reshape(weights.shared, each, count, count) + later
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed = scores.reshape(weights.shared, each * count, count) @ value.transpose(1, 0, 2)
    heads = mixed.reshape(weights.shared, each, count, size).transpose(2, 0, 1, 3)
    return np.asarray(heads.reshape(count, width) @ layer.attended)


def _turns(count: int, size: int, base: float) -> tuple[Floats, Floats]:
    """Cosine and sine of the angle of each place and pair of numbers (arXiv 2104.09864)."""
    speeds = base ** (-np.arange(0, size, 2) / size)
    angles = np.arange(count)[:, None] * speeds
    return np.cos(angles).astype(np.float32)[:, None], np.sin(angles).astype(np.float32)[:, None]


def _turned(heads: Floats, turns: tuple[Floats, Floats]) -> Floats:
    """``heads`` with neighbouring numbers turned as pairs, as GGUF files have them."""
    cosine, sine = turns
    first, second = heads[..., 0::2], heads[..., 1::2]
    found = np.empty_like(heads)
    found[..., 0::2] = first * cosine - second * sine
    found[..., 1::2] = first * sine + second * cosine
    return found
