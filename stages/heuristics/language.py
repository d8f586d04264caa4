"""Whether a text is English: a cheap check that keeps English rules off other languages."""

from __future__ import annotations

import polars as pl

# Function words of English that few neighbours write alike, and of those neighbours.
_ENGLISH = (
    "the of and to that is are for this with by from which it its not none nothing has been be "
    "they their there you your but when what how who would could can will about between into more "
    "than other these those if each both while does did i'm don't"
)
_OTHERS = (
    "het een van voor niet met zijn maar worden und der das ist nicht sie mit auch eine den le les "
    "des est une du pas pour dans que qui el los las una por con para como il di che non per sono "
    "della og det som ikke til af att inte och não uma os em nie się jest na że"
)
_WORD = r"\p{L}+(?:['’]\p{L}+)*"
_OTHER_SCRIPT = r"[\p{L}&&[^\p{Latin}]]"
_LEAST_SHARE = 0.12
_SHORT, _LEAST_SHARE_SHORT = 25, 0.10
_MOST_OTHER_SCRIPT = 0.2


def is_english(text: pl.Expr) -> pl.Expr:
    """Whether a text is English by its function words; null where it is null.

    12 % of the words must be English function words (10 % in a text of 25 words or fewer, where
    a heading weighs much) and outnumber those of other languages, and 80 % of the letters must be
    Latin. Lists of names and mere formulas fail, which costs a value; a wrong language that passed
    would cost a wrong one. A text without a single word counts as English: there is nothing in it
    to be misunderstood.
    """
    words = text.str.count_matches(_WORD)
    english = text.str.count_matches(_pattern(_ENGLISH))
    least = pl.when(words <= _SHORT).then(_LEAST_SHARE_SHORT).otherwise(_LEAST_SHARE)
    other_letters = text.str.count_matches(_OTHER_SCRIPT)
    latin = other_letters <= _MOST_OTHER_SCRIPT * text.str.count_matches(r"\p{L}")
    outnumber = english > text.str.count_matches(_pattern(_OTHERS))
    return (words == 0) | (latin & outnumber & (english >= least * words))


def _pattern(words: str) -> str:
    return rf"(?i)\b(?:{'|'.join(words.split())})\b"
