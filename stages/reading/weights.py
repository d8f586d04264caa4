"""The lower layers of a Llama model in a GGUF file, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from gguf.quants import dequantize

from stages.engines.gguf_reader import Reader

Floats = npt.NDArray[np.float32]


class Layer(NamedTuple):
    """The weights of one layer; matrices have a row an input and a column an output."""

    norm: Floats
    query_key_value: Floats
    attended: Floats
    feed_norm: Floats
    gate_up: Floats
    down: Floats


class Vocabulary(NamedTuple):
    """Byte-level tokens by number, and the pairs that are merged, first to last."""

    tokens: list[str]
    merges: list[str]


@dataclass(frozen=True)
class Weights:
    """``layers``, ``heads``, ``shared`` (heads that keys and values have), ``base`` of the
    rotations, ``epsilon`` of the norms, and the quantised embedding of each token.
    """

    layers: tuple[Layer, ...]
    heads: int
    shared: int
    base: float
    epsilon: float
    vocabulary: Vocabulary
    _embeddings: Any

    def embedded(self, tokens: npt.NDArray[np.int64]) -> Floats:
        """The vectors of some tokens: shape (tokens, width)."""
        held = self._embeddings
        return _plain(held.data[tokens], held.tensor_type)


def read_weights(path: Path, layers: int) -> Weights:
    """The first ``layers`` layers of a file, some seconds; nothing above them is read.

    Takes 14 MB a layer of a model with 135 M weights. The names are those of llama.cpp
    (``gguf-py/gguf/constants.py``).
    """
    reader = Reader(path)
    held = {one.name: one for one in reader.tensors}

    def fact(key: str) -> Any:
        field = reader.get_field(key)
        if field is None:
            raise ValueError(f"{path.name} has no field {key}")
        return field.contents()

    def plain(layer: int, *names: str) -> Floats:
        own = [held[f"blk.{layer}.{name}.weight"] for name in names]
        whole = np.concatenate([_plain(one.data, one.tensor_type) for one in own])
        return np.ascontiguousarray(whole.T)

    return Weights(
        layers=tuple(
            Layer(
                norm=plain(one, "attn_norm"),
                query_key_value=plain(one, "attn_q", "attn_k", "attn_v"),
                attended=plain(one, "attn_output"),
                feed_norm=plain(one, "ffn_norm"),
                gate_up=plain(one, "ffn_gate", "ffn_up"),
                down=plain(one, "ffn_down"),
            )
            for one in range(layers)
        ),
        heads=int(fact("llama.attention.head_count")),
        shared=int(fact("llama.attention.head_count_kv")),
        base=float(fact("llama.rope.freq_base")),
        epsilon=float(fact("llama.attention.layer_norm_rms_epsilon")),
        vocabulary=Vocabulary(fact("tokenizer.ggml.tokens"), fact("tokenizer.ggml.merges")),
        _embeddings=held["token_embd.weight"],
    )


def _plain(data: Any, kind: Any) -> Floats:
    return np.asarray(dequantize(data, kind), dtype=np.float32)
