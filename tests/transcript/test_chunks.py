from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stages.transcript.chunks import Chunk, pieces
from stages.transcript.split import split


def cut(*chunks: Chunk) -> list[tuple[int | None, str, int | None, int]]:
    found = split((chunk.field, chunk.text) for chunk in chunks)
    return [
        (piece.t_ns, piece.part, piece.tokens, piece.characters) for piece in pieces(found, chunks)
    ]


def test_the_tags_of_a_thought_are_thinking() -> None:
    chunks = [
        Chunk("content", "<think>", 1, 1),
        Chunk("content", "Hm", 2, 1),
        Chunk("content", "</think>", 3, 1),
        Chunk("content", "\n\n", 4, 1),
        Chunk("content", "42", 5, 1),
        Chunk("content", "\n", 6, 1),
    ]
    assert [piece[1] for piece in cut(*chunks)] == ["thinking"] * 4 + ["answer"] * 2


def test_a_chunk_with_both_parts_is_shared_out() -> None:
    assert cut(Chunk("content", "<think>abc</think>abcdef", 7, 8)) == [
        (7, "thinking", 6, 18),
        (7, "answer", 2, 6),
    ]


def test_injected_text_is_left_out() -> None:
    chunks = [
        Chunk("injected", "<think>\n", 1, 0),
        Chunk("content", "a", 2, 1),
        Chunk("injected", "\n</think>\n\n", 3, 0),
        Chunk("content", "b", 4, 1),
    ]
    assert cut(*chunks) == [(2, "thinking", 1, 1), (4, "answer", 1, 1)]


def test_a_token_that_shows_nothing_belongs_to_the_part_before() -> None:
    assert cut(Chunk("thinking", "a", 1, 1), Chunk("thinking", "", 2, 1)) == [
        (1, "thinking", 1, 1),
        (2, "thinking", 1, 0),
    ]
    assert cut(Chunk("content", "", 1, 1)) == [(1, "answer", 1, 0)]


@given(
    st.lists(
        st.builds(
            Chunk,
            st.sampled_from(["content", "thinking"]),
            st.sampled_from(["<think>", "</think>", "a", " b", "x</think>y", ""]),
            st.integers(0, 9),
            st.integers(0, 5),
        ),
        max_size=12,
    )
)
def test_no_token_and_no_character_is_lost(chunks: list[Chunk]) -> None:
    found = cut(*chunks)
    assert sum(tokens or 0 for _, _, tokens, _ in found) == sum(one.tokens or 0 for one in chunks)
    assert sum(characters for *_, characters in found) == sum(len(one.text) for one in chunks)
    assert all(tokens >= 0 for _, _, tokens, _ in found if tokens is not None)
