from __future__ import annotations

from typing import Literal

import pytest

from stages.engines.protocol import Chunk
from stages.measuring.spoken import spoken

Field = Literal["content", "thinking", "injected"]


@pytest.mark.parametrize(
    ("chunks", "answer"),
    [
        ([("content", "four")], "four"),
        ([("thinking", "hm"), ("content", "four")], "four"),
        ([("content", "<think>hm</th"), ("content", "ink>\n\nfour")], "four"),
        ([("content", "hm</think>four")], "four"),
        (
            [
                ("injected", "<think>\n"),
                ("content", "hm"),
                ("injected", "</think>"),
                ("content", "4"),
            ],
            "4",
        ),
        ([("content", "<think>never ends")], ""),
        ([], ""),
    ],
)
def test_only_the_answer_is_sent_back(chunks: list[tuple[Field, str]], answer: str) -> None:
    assert spoken(Chunk(0, 0, field, text, None) for field, text in chunks) == answer
