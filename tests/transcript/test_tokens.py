from __future__ import annotations

import pytest

from stages.transcript.chunks import Chunk, Owner, Piece
from stages.transcript.tokens import (
    UNKNOWN,
    Tokens,
    counted,
    estimated,
    one_a_chunk,
    shared_out,
    unattributed,
)


def piece(part: Owner, tokens: int | None, characters: int = 1) -> Piece:
    return Piece(0, part, tokens, characters, says=True)


def test_counted_chunks_are_added_up() -> None:
    held = [piece("thinking", 3), piece("answer", 2), piece("answer", 2)]
    assert counted(held, 8, "t", "a") == Tokens(3, 4, "engine")
    assert counted(held, None, "t", "a") == Tokens(3, 4, "engine")  # cut: no count of the whole


def test_the_whole_belongs_to_the_only_part() -> None:
    assert counted([piece("answer", None)], 9, None, "a") == Tokens(None, 9, "engine")
    assert counted([piece("thinking", None)], 9, "t", None) == Tokens(9, None, "engine")
    assert counted([piece("thinking", None)], 9, "t", "") == Tokens(9, 0, "engine")


def test_the_whole_is_shared_out_by_characters() -> None:
    held = [piece("thinking", None, 30), piece("answer", None, 10)]
    assert counted(held, 100, "t", "a") == Tokens(75, 25, "estimated")


def test_the_tags_of_an_empty_thought_are_no_part_of_the_answer() -> None:
    held = [piece("thinking", None, 15), piece("answer", None, 15)]
    tokens = counted(held, 10, None, "a")
    assert tokens == Tokens(None, 5, "estimated")
    assert unattributed(tokens, 10, None, "a") == 5


def test_a_chunk_without_a_count_leaves_the_others_unused() -> None:
    held = [piece("thinking", 3, 30), piece("answer", None, 10)]
    assert counted(held, 100, "t", "a") == Tokens(75, 25, "estimated")


def test_what_nobody_counted_is_estimated_and_says_so() -> None:
    held = [piece("thinking", None, 100), piece("answer", 4, 100)]
    assert counted(held, None, "a" * 100, "b" * 200) == Tokens(27, 54, "estimated")
    assert counted([piece("answer", None)], None, None, "世界") == UNKNOWN


def test_letters_digits_and_symbols_weigh_differently() -> None:
    # 10 letters × 0.27, 10 digits × 1.17, 10 symbols × 0.86; spaces weigh nothing
    assert estimated("abcdé" * 2, None).thinking == 3
    assert estimated("1234٣" * 2, None).thinking == 12
    assert estimated("+-_=≥" * 2, None).thinking == 9
    assert estimated("a \n\u3000" * 10, None).thinking == 3


def test_a_tenth_of_another_script_is_too_much() -> None:
    assert estimated("a" * 90 + "世" * 10, None).thinking == 27
    assert estimated("a" * 89 + "世" * 11, None) == UNKNOWN


def test_a_text_in_two_scripts_is_shared_out_by_characters() -> None:
    assert shared_out(40, "世" * 30, "b" * 10) == Tokens(30, 10, "estimated")
    assert shared_out(40, "t", "") == Tokens(40, 0, "engine")
    assert shared_out(40, None, None) == Tokens(None, None, "engine")


def test_an_empty_answer_took_no_token_and_an_absent_one_has_no_count() -> None:
    assert counted([], 1, None, "") == Tokens(None, 0, "engine")
    assert counted([], None, None, None) == UNKNOWN
    assert counted([piece("answer", 1)], 1, None, None) == UNKNOWN  # a space, and then it failed


@pytest.mark.parametrize(
    ("tokens", "output", "thinking", "answer", "left"),
    [
        (Tokens(3, 4, "engine"), 8, "t", "a", 1),  # the token that ends the turn
        (Tokens(3, 4, "engine"), 5, "t", "a", -2),  # the engine contradicts itself
        (Tokens(None, 4, "engine"), 4, None, "a", 0),
        (Tokens(3, None, "engine"), 3, "t", None, 0),
        (Tokens(3, None, "engine"), 9, "t", "a", None),  # a part that nobody counted
        (Tokens(3, 4, "engine"), None, "t", "a", None),
        (UNKNOWN, 2, None, None, 2),  # nothing that was shown
    ],
)
def test_what_the_parts_do_not_account_for(
    tokens: Tokens, output: int | None, thinking: str | None, answer: str | None, left: int | None
) -> None:
    assert unattributed(tokens, output, thinking, answer) == left


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


def test_a_count_of_the_servers_own_is_not_replaced() -> None:
    chunks = [Chunk("content", "a", 1, 5), Chunk("content", "b", 2, None)]
    assert one_a_chunk(chunks, 2) is chunks


def test_an_estimate_weighs_letters_digits_and_symbols() -> None:
    assert estimated(None, "a" * 100) == Tokens(None, 27, "estimated")
    assert estimated("1" * 100, "") == Tokens(117, 0, "estimated")
    assert estimated(None, "?" * 100).answer == 86
    assert estimated(None, None) == UNKNOWN


def test_no_estimate_of_another_script() -> None:
    assert estimated(None, "世界和平 hello") == UNKNOWN
    assert estimated("plain words", "世界") == Tokens(3, None, "estimated")
