"""The words of a column of texts as numbers, for what compares words and needs no text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from numpy.lib.stride_tricks import as_strided

LONGEST = 32
_ALONE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]"
WORD = rf"{_ALONE}|[^\s\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}]{{1,{LONGEST}}}"
"""A word, a character of a script that writes no spaces, or 32 characters of what never ends."""

_RARE_SPACE = r"[\s&&[^ \n]]"
_MIX, _FOLD = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_SIZE = np.uint64(0xBF58476D1CE4E5B9)
_AT_ONCE = 8  # bytes that are read as one number
_READ = np.array([2 ** (8 * size) - 1 for size in range(_AT_ONCE + 1)], dtype="<u8")

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
_Octets = npt.NDArray[np.uint8]


class Words(NamedTuple):
    """A 64-bit hash of each word, in the texts' order, and how many words each text has.

    ``octets`` holds the texts one after another, in UTF-8, with a space around each character
    that is a word by itself; a text begins at ``begins``, a word stands from ``starts`` to
    ``ends`` (bytes of ``octets``).
    """

    hashes: Hashes
    counts: Places
    octets: _Octets
    begins: Places
    starts: Places
    ends: Places

    def text(self, start: int, end: int) -> str:
        """What stands from one byte to another."""
        return self.octets[start:end].tobytes().decode()


def words_of(texts: pl.Series) -> Words:
    """The matches of ``WORD`` in a column of texts without nulls."""
    held = _spaced(texts).cast(pl.Binary).to_list()
    # A space at either end, so that each word has one before and behind it, and room to read on.
    octets = np.frombuffer(b" ".join([b"", *held, b" " * _AT_ONCE]), dtype=np.uint8)
    begins = np.cumsum([1, *(len(text) + 1 for text in held)])
    said = (octets != ord(" ")) & (octets != ord("\n"))
    edges = np.flatnonzero(said[1:] != said[:-1]) + 1
    starts, ends = _cut(octets, edges[::2], edges[1::2])
    counts = np.diff(np.searchsorted(starts, begins))
    return Words(_hashes(octets, starts, ends), counts, octets, begins, starts, ends)


def spans(words: Words, texts: Places, first: Places, last: Places) -> tuple[Places, Places]:
    """Where in each of some texts the word ``first`` begins and ``last`` ends, in characters.

    ``texts`` are their numbers, and words are counted in each text, all from 0.
    """
    before = np.searchsorted(words.starts, words.begins[texts])
    starts = [
        words.text(begin, words.starts[word]) + words.text(words.starts[word], words.ends[word])[0]
        for begin, word in zip(words.begins[texts], before + first, strict=True)
    ]
    ends = [
        words.text(begin, words.ends[word])
        for begin, word in zip(words.begins[texts], before + last, strict=True)
    ]
    return _lengths(starts) - 1, _lengths(ends)


def _spaced(texts: pl.Series) -> pl.Series:
    """The texts with plain spaces, and with one around each character that is a word by itself."""
    special = texts.str.contains(rf"{_RARE_SPACE}|{_ALONE}").arg_true()
    if not special.len():
        return texts
    spaced = texts.gather(special).str.replace_all(_RARE_SPACE, " ")
    return texts.clone().scatter(special, spaced.str.replace_all(rf"({_ALONE})", " $1 "))


def _cut(octets: _Octets, starts: Places, ends: Places) -> tuple[Places, Places]:
    """Where words start and end if those of more than ``LONGEST`` characters are cut in pieces."""
    long = np.flatnonzero(ends - starts > LONGEST)
    if not long.size:
        return starts, ends
    inner = [_inner(octets[starts[word] : ends[word]]) + starts[word] for word in long]
    cuts = np.concatenate(inner)
    where = np.repeat(long, [own.size for own in inner])
    return np.insert(starts, where + 1, cuts), np.insert(ends, where, cuts)


def _inner(word: _Octets) -> Places:
    """The bytes of a word at which another piece of it begins."""
    first_bytes = np.flatnonzero((word & 0xC0) != 0x80)
    return first_bytes[LONGEST::LONGEST].astype(np.int64)


def _hashes(octets: _Octets, starts: Places, ends: Places) -> Hashes:
    """A hash of each word, which mixes in eight of its bytes after another."""
    windows = as_strided(octets[:_AT_ONCE].view("<u8"), (octets.size - _AT_ONCE + 1,), (1,))
    sizes = ends - starts
    hashes: Hashes = windows[starts] & _READ[np.minimum(sizes, _AT_ONCE)]
    hashes += sizes.astype(np.uint64) * _SIZE  # a word may end in zeros
    hashes *= _MIX
    hashes ^= hashes >> _FOLD
    longer, done = np.flatnonzero(sizes > _AT_ONCE), _AT_ONCE
    while longer.size:
        left = np.minimum(sizes[longer] - done, _AT_ONCE)
        mixed = (hashes[longer] ^ (windows[starts[longer] + done] & _READ[left])) * _MIX
        hashes[longer] = mixed ^ (mixed >> _FOLD)
        done += _AT_ONCE
        longer = longer[sizes[longer] > done]
    return hashes


def _lengths(said: list[str]) -> Places:
    """How many characters a text had up to a character of a word, before it was spaced."""
    texts = pl.DataFrame({"text": said}, schema={"text": pl.String})
    inserted = 2 * pl.col("text").str.count_matches(_ALONE).cast(pl.Int64)
    inserted -= pl.col("text").str.contains(rf"{_ALONE}$")  # what follows it isn't there yet
    return texts.select(pl.col("text").str.len_chars() - inserted).to_series().to_numpy()
