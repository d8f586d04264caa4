"""The words of a column of texts as numbers, for what compares words and needs no text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

LONGEST = 32
_ALONE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]"
WORD = rf"{_ALONE}|[^\s\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}]{{1,{LONGEST}}}"
"""A word, a character of a script that writes no spaces, or 32 characters of what never ends."""

_RARE_SPACE = r"[\s&&[^ \n]]"
_PIECE = rf"(?s).{{1,{LONGEST}}}"

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


class Words(NamedTuple):
    """A 64-bit hash of each word, in the texts' order, and how many words each text has."""

    hashes: Hashes
    counts: Places


def words_of(texts: pl.Series) -> Words:
    """The matches of ``WORD`` in a column of texts without nulls."""
    lists = _split(texts)
    ends = np.cumsum(lists.list.len().to_numpy(), dtype=np.int64)
    words = lists.explode()
    sizes = words.str.len_bytes().to_numpy()
    hashes = words.hash(seed=0).to_numpy()
    said = sizes > 0
    before = np.append(0, np.cumsum(said))  # how many words there are before each
    found, counts = hashes[said], np.diff(before[np.append(0, ends)])
    long = np.flatnonzero(sizes > LONGEST)
    if long.size:
        pieces = words.gather(long).str.extract_all(_PIECE)
        more = pieces.list.len().to_numpy().astype(np.int64) - 1
        hashes = pieces.explode().hash(seed=0).to_numpy()
        lasts = np.cumsum(more + 1) - 1
        is_last = np.zeros(hashes.size, dtype=np.bool_)
        is_last[lasts] = True
        found[before[long]] = hashes[is_last]
        found = np.insert(found, np.repeat(before[long], more), hashes[~is_last])
        counts += np.bincount(np.searchsorted(ends, long, "right"), more, texts.len()).astype(int)
    return Words(found, counts)


def spans(texts: pl.Series, first: Places, last: Places) -> tuple[Places, Places]:
    """Where in each text the word of the number ``first``, from 0, begins and ``last`` ends.

    Counted in characters.
    """
    lists = _split(texts)
    lengths = lists.list.len().to_numpy().astype(np.int64)
    begins = np.cumsum(lengths) - lengths  # the number of each text's first word
    words = lists.explode()
    sizes = words.str.len_chars().to_numpy().astype(np.int64)
    pieces = np.append(0, np.cumsum(-(-sizes // LONGEST)))
    # A character that is a word by itself got a space on either side, which isn't the text's own.
    alone = np.zeros(sizes.size, dtype=np.int64)
    single = np.flatnonzero((sizes == 1) & (words.str.len_bytes().to_numpy() > 1))
    alone[single] = words.gather(single).str.contains(_ALONE).to_numpy()
    before = np.append(0, np.cumsum(sizes + 1 - 2 * alone))

    def place(numbers: Places) -> tuple[Places, Places]:
        wanted = pieces[begins] + numbers
        which = np.searchsorted(pieces, wanted, side="right") - 1
        within = LONGEST * (wanted - pieces[which])
        starts = before[which] - before[begins] - alone[which] + within
        return starts, starts + np.minimum(LONGEST, sizes[which] - within)

    return place(first)[0], place(last)[1]


def _split(texts: pl.Series) -> pl.Series:
    """The texts at their spaces; where several stand together, there is an empty word."""
    special = texts.str.contains(rf"{_RARE_SPACE}|{_ALONE}").arg_true()
    if special.len():
        spaced = texts.gather(special).str.replace_all(_RARE_SPACE, " ")
        texts = texts.scatter(special, spaced.str.replace_all(rf"({_ALONE})", " $1 "))
    return texts.str.replace_all("\n", " ", literal=True).str.split(" ")
