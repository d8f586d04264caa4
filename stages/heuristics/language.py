"""Whether a text is English: a cheap check that keeps English rules off other languages."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt
import polars as pl

# Function words of English that few neighbours write alike, and of those neighbours.
ENGLISH = (
    "the of and to that is are for this with by from which it its not none nothing has been be "
    "they their there you your but when what how who would could can will about between into more "
    "than other these those if each both while does did i'm don't"
)
OTHERS = (
    "het een van voor niet met zijn maar worden und der das ist nicht sie mit auch eine den le les "
    "des est une du pas pour dans que qui el los las una por con para como il di che non per sono "
    "della og det som ikke til af att inte och não uma os em nie się jest na że"
)
# Words that few neighbours of English have, for texts too short to hold a function word.
TELLING = (
    "pays paid gets got wrote written won earns makes made takes took gives gave leaves left ends "
    "ended begins began boils freezes equals remain remains costs weighs travels drives runs walks "
    "lives lived sells sold buys bought eats reads spends spent says said knows known found "
    "born died built invented discovered answer number price people world year years day days "
    "month months hours books children students woman women house city river country degrees twice "
    "there therefore because thus hence each every again two three five seven eight nine eleven "
    "twelve twenty thirty forty fifty hundred thousand she his her our"
)
_OTHER_SCRIPT = r"[\p{L}&&[^\p{Latin}]]"
_REPLY = (
    "no nope nah yes yeah yep none nothing never neither not really directly quite exactly sure "
    "unrelated related connected unconnected linked separate different distinct similar link links "
    "connection connections relation relations relationship overlap whatsoever at all any of "
    "them they are is isn't aren't both two the topics things completely totally entirely closely"
)
_BRIEF = 60  # bytes
_LEAST_SHARE = 0.12
_SHORT, _LEAST_SHARE_SHORT = 25, 0.10
_MOST_OTHER_SCRIPT = 0.2

# A stand-in for every letter beyond ASCII, and for what else may belong to a word: no word of the
# lists holds either. On ASCII alone the matcher is some fifty times as fast.
_LETTER, _IN_WORD = (r"[\p{L}&&[^\x00-\x7F]]", "q"), (r"[\w&&[^\x00-\x7F]]", "_")
_ASCII_EDGE = r"(?-u:\b)"
_KEPT = 4
_SAMPLE = 500
_Counts = npt.NDArray[np.int64]
_verdicts: OrderedDict[bytes, pl.Series] = OrderedDict()


def is_english(text: pl.Expr) -> pl.Expr:
    """Whether a text is English by its function words; null where it is null.

    12 % of the words must be English function words (10 % in a text of 25 words or fewer, where
    a heading weighs much) and outnumber those of other languages, and 80 % of the letters must be
    Latin. Lists of names and mere formulas fail, which costs a value; a wrong language that passed
    would cost a wrong one. A text without a single word counts as English: there is nothing in it
    to be misunderstood. Of more than 1,500 characters the first, middle and last 500 are read.
    """
    return text.map_batches(_known, return_dtype=pl.Boolean)


def is_brief_english(text: pl.Expr) -> pl.Expr:
    """Whether a text is nothing but a few English words of yes or no; null where it is null.

    ``is_english`` goes by words that such an answer hasn't got.
    """
    return (text.str.len_bytes() <= _BRIEF) & text.str.contains(_BRIEF_REPLY)


def is_short_english(text: pl.Expr) -> pl.Expr:
    """Whether a text of 25 words or fewer has a word that tells English, and none of another kind.

    ``is_english`` finds too few function words in "Sam pays 10 dollars". Any letter beyond ASCII,
    and any function word of another language, makes it false. A text of digits and single letters
    (x = 2) is read alike everywhere, and counts.
    """
    words = text.str.count_matches("[A-Za-z]{2,}")
    foreign = text.str.contains(_LETTER[0]) | text.str.contains(_OTHER_WORD)
    bare = (words == 0) & text.str.contains("[0-9]")
    return (words <= _SHORT) & ~foreign & (text.str.contains(_TELLING_WORD) | bare)


def ascii_edges(pattern: str) -> str:
    r"""The pattern with a word's edges (``\b``) as ASCII has them, for phrases of English.

    Where a text holds anything beyond ASCII, the matcher is some fifty times as fast with them. A
    letter of another script is no part of a word then: "wait" is found in "wait等".
    """
    return pattern.replace(r"\b", _ASCII_EDGE)


def forget() -> None:
    """Forget what ``is_english`` has said of columns before."""
    _verdicts.clear()


def _known(texts: pl.Series) -> pl.Series:
    """``_judged``, remembered: several heuristics ask about the same column one after another."""
    key = texts.hash(seed=0).to_numpy().tobytes() + texts.hash(seed=1).to_numpy().tobytes()
    verdicts = _verdicts.get(key)
    if verdicts is None:
        verdicts = _verdicts[key] = _judged(_sampled(texts))
        while len(_verdicts) > _KEPT:
            _verdicts.popitem(last=False)
    return verdicts.alias(texts.name)


def _sampled(texts: pl.Series) -> pl.Series:
    """Of each long text three places, which tell its language as well as the whole."""
    text, length = pl.col("text"), pl.col("text").str.len_chars()
    middle = text.str.slice((length - _SAMPLE) // 2, _SAMPLE)
    places = pl.concat_str(text.str.head(_SAMPLE), middle, text.str.tail(_SAMPLE), separator="\n")
    read = pl.when(length > 3 * _SAMPLE).then(places).otherwise(text)
    return texts.to_frame("text").select(read).to_series()


def _judged(texts: pl.Series) -> pl.Series:
    ascii_only = texts.str.len_bytes() == texts.str.len_chars()
    verdicts = pl.Series(texts.name, [None], pl.Boolean).new_from_index(0, texts.len())
    for mask, ascii_texts in ((ascii_only, True), (~ascii_only, False)):
        where = mask.arg_true()
        if where.len():
            verdicts = verdicts.scatter(where, _english(texts.gather(where), ascii_texts))
    return verdicts


def _english(texts: pl.Series, ascii_only: bool) -> pl.Series:
    plain = texts
    if not ascii_only:
        plain = texts.str.replace_all(*_LETTER).str.replace_all(*_IN_WORD)
    words, letters = _words_and_letters(plain)
    found = pl.DataFrame({"text": texts, "plain": plain, "words": words, "letters": letters})
    text, words_, letters_ = pl.col("text"), pl.col("words"), pl.col("letters")
    english = pl.col("plain").str.count_matches(_ENGLISH_WORD)
    others = pl.col("plain").str.count_matches(_OTHER_WORD) + text.str.count_matches(_ACCENTED)
    foreign = pl.lit(0) if ascii_only else text.str.count_matches(_OTHER_SCRIPT)
    least = pl.when(words_ <= _SHORT).then(_LEAST_SHARE_SHORT).otherwise(_LEAST_SHARE)
    return (
        found.with_columns(english.alias("english"), foreign.alias("foreign"))
        .select(
            (words_ == 0)
            | (
                (pl.col("foreign") <= _MOST_OTHER_SCRIPT * letters_)
                & (pl.col("english") > others)
                & (pl.col("english") >= least * words_)
            )
        )
        .to_series()
    )


def _words_and_letters(texts: pl.Series) -> tuple[_Counts, _Counts]:
    """Of each text its words (runs of letters, joined by apostrophes) and its letters."""
    straight = texts.str.replace_all("’", "'", literal=True).cast(pl.Binary).to_list()
    octets = np.frombuffer(b" ".join([b"", *straight, b""]), dtype=np.uint8)
    letter = ((octets | 32) - np.uint8(97)) < 26
    joins = letter[:-2] & (octets[1:-1] == ord("'")) & letter[2:]
    first = letter[1:] & ~letter[:-1]
    first[1:] &= ~joins  # what follows an apostrophe within a word begins none
    starts = np.cumsum([0, *(len(text) + 1 for text in straight)])
    return _sums(first, starts), _sums(letter[1:], starts)


def _sums(marks: npt.NDArray[np.bool_], starts: _Counts) -> _Counts:
    """How many are marked from each start up to the next; the last start is the end of all."""
    if starts.size == 1:
        return starts[:0]
    sums: _Counts = np.add.reduceat(marks, starts[:-1], dtype=np.int64)
    return sums


def _pattern(words: list[str]) -> str:
    return rf"(?i)\b(?:{'|'.join(words)})\b"


_BRIEF_REPLY = rf"(?i)^\W*(?:(?:{'|'.join(_REPLY.split())})(?-u:\b)\W*)+$"
_ENGLISH_WORD = ascii_edges(_pattern(ENGLISH.split()))
_TELLING_WORD = ascii_edges(_pattern(TELLING.split()))
_OTHER_WORD = ascii_edges(_pattern([word for word in OTHERS.split() if word.isascii()]))
_ACCENTED = _pattern([word for word in OTHERS.split() if not word.isascii()])
