from __future__ import annotations

from typing import Any

import pytest

from stages.sizing.need import Shape, need_bytes, shape_of

FACTS: dict[str, Any] = {
    "general.architecture": "a",
    "a.block_count": 2,
    "a.attention.head_count": 4,
    "a.attention.head_count_kv": 1,
    "a.embedding_length": 40,
}


def test_the_shape_is_what_the_header_says_else_the_formats_defaults() -> None:
    assert shape_of(FACTS) == Shape(layers=2, heads=4, kv_heads=1, key_length=10, value_length=10)
    own = FACTS | {"a.attention.key_length": 16, "a.attention.value_length": 8}
    assert shape_of(own) == Shape(2, 4, 1, 16, 8)
    every_head = {name: fact for name, fact in FACTS.items() if not name.endswith("_kv")}
    assert shape_of(every_head) == Shape(2, 4, 4, 10, 10)


@pytest.mark.parametrize("fact", [None, 0, -1, "2", 2.0, True, [1, 0], {}])
@pytest.mark.parametrize("name", ["block_count", "attention.head_count", "attention.head_count_kv"])
def test_a_figure_that_is_none_leaves_the_shape_open(name: str, fact: object) -> None:
    assert shape_of(FACTS | {f"a.{name}": fact}) is None


def test_need_is_weights_cache_scores_and_the_runner() -> None:
    # Each token keeps 2 layers x 1 head x (10 + 10) numbers of 2 bytes: 80 bytes.
    # Scores of a batch of 512 tokens against it: 4 heads x 512 x 4 bytes: 8192 bytes.
    shape = Shape(2, 4, 1, 10, 10)
    assert need_bytes(1_000, shape, 100) == 1_000 + 100 * (80 + 8_192) + 200_000_000


def test_a_context_costs_what_a_real_server_says() -> None:
    """Ollama 0.24 prints "KV buffer size = 180.00 MiB" for SmolLM2-135M with 8,192 tokens."""
    smollm2 = Shape(layers=30, heads=9, kv_heads=3, key_length=64, value_length=64)
    scores = 8192 * 9 * 512 * 4
    assert need_bytes(0, smollm2, 8192) - scores - 200_000_000 == 180 * 2**20
