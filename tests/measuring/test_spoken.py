from __future__ import annotations

from typing import Literal

import pytest

from stages.engines.protocol import Chunk
from stages.measuring.spoken import spoken

Field = Literal["content", "thinking", "injected"]
Said = list[tuple[Field, str]]

PROMPTED: Said = [
    ("injected", "<think>\n"),
    ("content", "hm"),
    ("injected", "\n</think>\n\n"),
    ("content", "4"),
]
BOTH = "<think>\nhm\n</think>\n\nfour"
UNENDED = "<think>\nhm\n</think>"


def sent(chunks: Said, thinking: bool) -> str:
    return spoken((Chunk(0, 0, field, text, None) for field, text in chunks), thinking)


@pytest.mark.parametrize(
    ("chunks", "without", "carried"),
    [
        ([("content", "four")], "four", "four"),
        ([("thinking", "hm"), ("content", "four")], "four", BOTH),
        ([("thinking", "h"), ("thinking", "m\n"), ("content", "\nfour\n")], "four", BOTH),
        ([("content", "<think>hm</th"), ("content", "ink>\n\nfour")], "four", BOTH),
        ([("content", "hm</think>four")], "four", BOTH),  # the template opened the thought
        (PROMPTED, "4", "<think>\nhm\n</think>\n\n4"),
        ([("content", "<think></think>four")], "four", "four"),
        ([("content", "<think>hm")], "", UNENDED),
        ([("thinking", "hm")], "", UNENDED),
        ([("injected", "<think>\n"), ("content", "hm")], "", UNENDED),
        ([], "", ""),
    ],
)
def test_the_answer_is_sent_back_alone_or_after_its_thinking(
    chunks: Said, without: str, carried: str
) -> None:
    assert sent(chunks, thinking=False) == without
    assert sent(chunks, thinking=True) == carried
