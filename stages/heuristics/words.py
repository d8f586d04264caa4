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
    """A 64-bit hash of each word, in the texts' order, and how many words each text has.

    ``found`` holds what stands between spaces, be it empty or in need of being cut, and ``ends``
    says how much of that there is up to the end of each text.
    """

    hashes: Hashes
    counts: Places
    found: pl.Series
    ends: Places


def words_of(texts: pl.Series) -> Words:
    """The matches of ``WORD`` in a column of texts without nulls."""
    lists = _split(texts)
    ends = np.cumsum(lists.list.len().to_numpy(), dtype=np.int64)
    found = lists.explode()
    sizes = found.str.len_bytes().to_numpy()
    said = sizes > 0
    before = np.append(0, np.cumsum(said))  # how many words there are before each
    hashes = found.hash(seed=0).to_numpy()[said]
    counts = np.diff(before[np.append(0, ends)])
    long = np.flatnonzero(sizes > LONGEST)
    if long.size:
        pieces = found.gather(long).str.extract_all(_PIECE)
        more = pieces.list.len().to_numpy().astype(np.int64) - 1
        of_pieces = pieces.explode().hash(seed=0).to_numpy()
        is_last = np.zeros(of_pieces.size, dtype=np.bool_)
        is_last[np.cumsum(more + 1) - 1] = True
        hashes[before[long]] = of_pieces[is_last]
        hashes = np.insert(hashes, np.repeat(before[long], more), of_pieces[~is_last])
        counts += np.bincount(np.searchsorted(ends, long, "right"), more, texts.len()).astype(int)
    return Words(hashes, counts, found, ends)


def spans(words: Words, texts: Places, first: Places, last: Places) -> tuple[Places, Places]:
    """Where in each of some texts the word ``first`` begins and ``last`` ends, in characters.

    ``texts`` are their numbers, and words are counted in each text, all from 0.
    """
    begins = np.append(0, words.ends)[texts]
    sizes = words.found.str.len_chars().to_numpy().astype(np.int64)
    pieces = np.append(0, np.cumsum(-(-sizes // LONGEST)))
    # A character that is a word by itself got a space on either side, which isn't the text's own.
    alone = np.zeros(sizes.size, dtype=np.int64)
    single = np.flatnonzero((sizes == 1) & (words.found.str.len_bytes().to_numpy() > 1))
    alone[single] = words.found.gather(single).str.contains(_ALONE).to_numpy()
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
