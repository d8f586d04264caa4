"""The memory that a model needs to run, from its size and its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stages.engines.untrusted import count, text_of

_CACHED_BYTES = 2  # a key's or value's number is kept as f16
_BATCH = 512  # tokens of a prompt that are read at once, as llama.cpp and Ollama do
_SCORE_BYTES = 4  # attention scores are f32
_PROGRAM_BYTES = 200_000_000  # the runner and its other buffers

SHAPE_FACTS = (
    "block_count",
    "embedding_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
)
"""What ``shape_of`` asks of a GGUF header, each under the architecture's name."""


@dataclass(frozen=True)
class Shape:
    """What a transformer keeps for each token of its context."""

    layers: int
    heads: int
    kv_heads: int
    key_length: int
    value_length: int


def shape_of(facts: dict[str, Any]) -> Shape | None:
    """The shape that the facts of a GGUF header tell; null where they leave a figure open.

    They do for models whose layers differ, such as those that mix attention with recurrence.
    Raises ``ValueError`` where the architecture has no name.
    """
    family = text_of(facts, "general.architecture")
    heads = count(facts.get(f"{family}.attention.head_count"))
    width = count(facts.get(f"{family}.embedding_length"))
    layers = count(facts.get(f"{family}.block_count"))
    # The format's own defaults: as many heads for keys and values, each with its share of the width
    kv_heads = count(facts.get(f"{family}.attention.head_count_kv", heads))
    share = width // heads if width is not None and heads else None
    key_length = count(facts.get(f"{family}.attention.key_length", share))
    value_length = count(facts.get(f"{family}.attention.value_length", share))
    if not (layers and heads and kv_heads and key_length and value_length):
        return None
    return Shape(layers, heads, kv_heads, key_length, value_length)


def need_bytes(weights_bytes: int, shape: Shape, num_ctx: int) -> int:
    """Memory (bytes) of a model with a context window of ``num_ctx`` tokens.

    Weights, the keys and values of every token, and the scores of one batch, as they are without
    flash attention. So it is rather too much than too little, above all where layers look at a
    sliding window only.
    """
    width = shape.kv_heads * (shape.key_length + shape.value_length)
    cached = num_ctx * shape.layers * width * _CACHED_BYTES
    scores = num_ctx * shape.heads * _BATCH * _SCORE_BYTES
    return weights_bytes + cached + scores + _PROGRAM_BYTES
