"""How many tokens thinking and answer took, and how that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stages.transcript.chunks import Chunk, Owner, Piece
from stages.transcript.tokenizer import Count

# Least squares on 40 traces of R1-Distill-Qwen-7B and -Llama-8B (mathematics in English) whose
# true number of tokens is known: mean error 5 % a trace, so 8 % or so on text of another kind.
TOKENS_PER_LETTER, TOKENS_PER_DIGIT, TOKENS_PER_SYMBOL = 0.27, 1.17, 0.86
_LAST_LATIN = "\u024f"
_MOST_OTHER_SCRIPT = 0.1


class Tokens(NamedTuple):
    """Tokens of each part; ``method``: engine, tokenizer, estimated; null if nothing is known."""

    thinking: int | None
    answer: int | None
    method: str | None


UNKNOWN = Tokens(None, None, None)


def one_a_chunk(chunks: Sequence[Chunk], output_tokens: int | None) -> Sequence[Chunk]:
    """The chunks with one token each, where that is what the server must have sent.

    That is so where it counted no chunk, but a whole that equals their number, or one more: the
    token that ends the turn shows nothing. Else the chunks as they are.
    """
    generated = [chunk for chunk in chunks if chunk.field != "injected"]
    if output_tokens is None or any(chunk.tokens is not None for chunk in generated):
        return chunks
    if output_tokens - len(generated) not in (0, 1):
        return chunks
    return [chunk if chunk.field == "injected" else chunk._replace(tokens=1) for chunk in chunks]


def counted(
    held: Sequence[Piece], output_tokens: int | None, thinking: str | None, answer: str | None
) -> Tokens:
    """The tokens of a response's pieces, by the best of these ways.

    1. Every chunk is counted: the sum of each part (``engine``).
    2. Only the whole is, and all that came is of one part: all of it (``engine``).
    3. Only the whole is: shared out by characters (``estimated``).
    4. Nothing is, as in a stream that was cut: by the text (``estimated``; see ``estimated``).

    A part that doesn't exist has null, an empty one 0. What the parts don't account for stays
    ``unattributed``.
    """
    if all(piece.tokens is not None for piece in held):
        sums = _sums(held, [piece.tokens or 0 for piece in held])
        return _present(sums, thinking, answer, "engine")
    if output_tokens is None:
        return estimated(thinking, answer)
    characters = _sums(held, [piece.characters for piece in held])
    if len({piece.part for piece in held}) == 1:
        sums = {part: output_tokens if characters[part] else 0 for part in characters}
        return _present(sums, thinking, answer, "engine")
    first = round(output_tokens * characters["thinking"] / sum(characters.values()))
    sums = {"thinking": first, "answer": output_tokens - first}
    return _present(sums, thinking, answer, "estimated")


def unattributed(
    tokens: Tokens, output_tokens: int | None, thinking: str | None, answer: str | None
) -> int | None:
    """The engine's count of all less those of the parts: the token that ends the turn, as a rule.

    Below 0 where the engine counts fewer in all than in its chunks. Null where one is unknown; a
    part that doesn't exist takes none.
    """
    counts = [
        count
        for text, count in ((thinking, tokens.thinking), (answer, tokens.answer))
        if text is not None
    ]
    known = [count for count in counts if count is not None]
    if output_tokens is None or len(known) < len(counts):
        return None
    return output_tokens - sum(known)


def estimated(thinking: str | None, answer: str | None) -> Tokens:
    """Tokens by the letters, digits and symbols of a text that nobody counted, at least one.

    Null for a text of which more than a tenth is in another script than the Latin one: the
    weights say nothing about it.
    """
    tokens = Tokens(_by_characters(thinking), _by_characters(answer), "estimated")
    return UNKNOWN if tokens.thinking is None and tokens.answer is None else tokens


def counted_with(count: Count, thinking: str | None, answer: str | None) -> Tokens:
    """Tokens by a tokenizer, which counts those of a text."""
    return Tokens(
        None if thinking is None else count(thinking),
        None if answer is None else count(answer),
        None if thinking is None and answer is None else "tokenizer",
    )


def shared_out(output_tokens: int, thinking: str | None, answer: str | None) -> Tokens:
    """The server's count of a whole response by parts: all of it where there is only one.

    Else shared out as the parts' estimated tokens are, or their characters (``estimated``).
    """
    if not thinking or not answer:
        return Tokens(
            None if thinking is None else (output_tokens if thinking else 0),
            None if answer is None else (output_tokens if answer else 0),
            "engine",
        )
    guess = estimated(thinking, answer)
    first, second = guess.thinking, guess.answer
    if first is None or second is None:
        first, second = len(thinking), len(answer)
    share = round(output_tokens * first / (first + second))
    return Tokens(share, output_tokens - share, "estimated")


def _by_characters(text: str | None) -> int | None:
    if text is None:
        return None
    latin, other, digits, symbols, _ = _kinds(text)
    if other > _MOST_OTHER_SCRIPT * (latin + other):
        return None
    tokens = (
        TOKENS_PER_LETTER * (latin + other)
        + TOKENS_PER_DIGIT * digits
        + TOKENS_PER_SYMBOL * symbols
    )
    return max(1, round(tokens)) if text else 0


def _kinds(text: str) -> list[int]:
    """How many characters of each kind a text holds; those of ASCII are counted all at once."""
    octets = np.frombuffer(text.encode(errors="replace"), dtype=np.uint8)
    counts = np.bincount(octets, minlength=2 * _ASCII_SIZE)
    held: list[int] = (counts[:_ASCII_SIZE] @ _ASCII_KINDS).tolist()
    if counts[_ASCII_SIZE:].any():
        beyond = octets[octets >= _ASCII_SIZE].tobytes().decode()
        for character, count in Counter(beyond).items():
            held[_kind(character)] += count
    return held


def _kind(character: str) -> int:
    """0: Latin letter, 1: letter of another script, 2: digit, 3: symbol, 4: space."""
    if character.isspace():
        return 4
    if character.isdecimal():
        return 2
    if not character.isalnum():
        return 3
    return 1 if character > _LAST_LATIN else 0


_ASCII_SIZE = 128
_ASCII_KINDS = np.eye(5, dtype=np.int64)[[_kind(chr(code)) for code in range(_ASCII_SIZE)]]


def _sums(held: Sequence[Piece], amounts: Sequence[int]) -> dict[Owner, int]:
    sums: dict[Owner, int] = {"thinking": 0, "answer": 0}
    for piece, amount in zip(held, amounts, strict=True):
        sums[piece.part] += amount
    return sums


def _present(
    sums: dict[Owner, int], thinking: str | None, answer: str | None, method: str
) -> Tokens:
    if thinking is None and answer is None:
        return UNKNOWN
    return Tokens(
        None if thinking is None else sums["thinking"],
        None if answer is None else sums["answer"],
        method,
    )
