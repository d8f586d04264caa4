from __future__ import annotations

from stages.transcript.chunks import Chunk, Piece
from stages.transcript.tokens import UNKNOWN, Tokens, counted, estimated, one_a_chunk


def piece(part, tokens, characters=1) -> Piece:
    return Piece(0, part, tokens, characters, says=True)


def test_counted_chunks_are_added_up() -> None:
    held = [piece("thinking", 3), piece("answer", 2), piece("answer", 2)]
    assert counted(held, 8, "t", "a") == Tokens(3, 4, "engine")  # the 8th ended the turn


def test_the_whole_belongs_to_the_only_part() -> None:
    assert counted([piece("answer", None)], 9, None, "a") == Tokens(None, 9, "engine")
    assert counted([piece("thinking", None)], 9, "t", None) == Tokens(9, None, "engine")


def test_the_whole_is_shared_out_by_characters() -> None:
    held = [piece("thinking", None, 30), piece("answer", None, 10)]
    assert counted(held, 100, "t", "a") == Tokens(75, 25, "estimated")


def test_nothing_is_known_without_a_count() -> None:
    assert counted([piece("answer", None)], None, None, "a") == UNKNOWN
    assert counted([], 5, None, None) == UNKNOWN


def test_as_many_chunks_as_tokens_are_one_token_each() -> None:
    chunks = [
        Chunk("injected", "<think>", 0, 0),
        Chunk("thinking", "a", 1, None),
        Chunk("content", "b", 2, None),
    ]
    assert [one.tokens for one in one_a_chunk(chunks, 2)] == [0, 1, 1]
    assert [one.tokens for one in one_a_chunk(chunks, 3)] == [0, 1, 1]
    assert one_a_chunk(chunks, 5) is chunks
    assert one_a_chunk(chunks, None) is chunks


def test_an_estimate_weighs_letters_digits_and_symbols() -> None:
    assert estimated(None, "a" * 100) == Tokens(None, 27, "estimated")
    assert estimated("1" * 100, "") == Tokens(117, 0, "estimated")
    assert estimated(None, "?" * 100).answer == 86
    assert estimated(None, None) == UNKNOWN


def test_no_estimate_of_another_script() -> None:
    assert estimated(None, "世界和平 hello") == UNKNOWN
    assert estimated("plain words", "世界") == Tokens(3, None, "estimated")
