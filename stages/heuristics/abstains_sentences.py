"""The sentences of an answer, and what each of them does with the question."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from stages.heuristics import abstains_answers as answers
from stages.heuristics import abstains_cues as cues
from stages.heuristics.language import is_brief_english, is_english, is_short_english
from stages.heuristics.sentences import sentences

_HEAD, _TAIL = 2_000, 4_000  # characters of a long text in which an abstention is looked for
_LONGEST = 800  # characters of either end of a sentence that are read
_FORMULA = r"\$[^$\n]*\$|\\\((?s:.*?)\\\)|\\\[(?s:.*?)\\\]|\\[a-zA-Z]+"
_FEW, _HARDLY_ANY = 25, 5
_QUOTED = r'"[^"\n]{1,300}"|(?:^|[\s(:])\'[^\'\n]{2,300}\'(?:[\s.,;:!?)]|$)'
_QUOTES_ITS_ANSWER = r'(?:answer|conclu[a-z]+|result|is)(?-u:\b)[^a-z0-9]{0,4}"'
_NO_NUMBER = r"^\s*(?:\(?[0-9]{1,3}[.)]\s|[-*+#\s]+)|[_^]\{?[0-9]+"  # a list's, an exponent
_WRAP = r"\\(?:text|mathrm|textbf|mathbf|operatorname)"
_ABSTENTIONS = {
    "cannot": cues.CANNOT,
    "contradicts": cues.CONTRADICTS,
    "missing": cues.MISSING,
    "needed": cues.NEEDED,
}
_FLAGS = {
    "needless": cues.NEEDLESS,
    "letter": cues.LETTER,
    "labelled": answers.LABELLED,
    "label": answers.LABEL,
    "bare": answers.BARE,
    "yes_no": answers.YES_NO,
    "emphatic": answers.EMPHATIC,
    "assuming": answers.ASSUMING,
    "turning": answers.TURNING,
    "elsewhere": answers.ELSEWHERE,
    "first_person": answers.FIRST_PERSON,
    "offering": answers.OFFERING,
}
_OF_CLAIMS = {"conditional": answers.CONDITIONAL, "concluding": answers.CONCLUDING}


def plain(text: pl.Expr) -> pl.Expr:
    """A text in lower-case ASCII, as many characters as it had: what the cues are written for."""
    straight = text.str.replace_all("[’‘`´]", "'").str.replace_all("[“”„]", '"')
    letters = straight.str.replace_all(r"[\p{L}&&[^\x00-\x7F]]", "q")
    return letters.str.replace_all(r"[^\x00-\x7F]", "-").str.to_lowercase()


def readable(texts: pl.Series) -> pl.Series:
    """Whether each text is English, formulas apart, or has hardly a word; null where it is null.

    A text of a few words is too short for ``is_english``. It counts as English if it holds an
    English phrase of abstention or a telling word, if it is nothing but yes or no in some English
    words, and if it has next to no words and boxes something: a number is an answer in any
    language.
    """
    rows = pl.DataFrame({"row": np.arange(texts.len()), "text": texts})
    known = rows.with_columns(is_english(pl.col("text")).alias("readable"))
    prose = pl.col("text").str.replace_all(_FORMULA, " ")
    words = prose.str.count_matches(r"\p{L}{2,}")
    said = plain(pl.col("text"))
    phrase = said.str.contains(cues.CANNOT) | said.str.contains(cues.CONTRADICTS)
    boxed = (words <= _HARDLY_ANY) & pl.col("text").str.contains(r"\\boxed")
    again = known.filter(~pl.col("readable")).select(
        "row",
        (
            is_english(prose)
            | ((words <= _FEW) & phrase)
            | boxed
            | is_brief_english(pl.col("text"))
            | is_short_english(prose)
        ).alias("after_all"),
    )
    joined = known.join(again, on="row", how="left", maintain_order="left")
    return joined.select(pl.coalesce("after_all", "readable")).to_series()


def doubtful_sentences(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """The sentences (``response_id, start, end, text``) of the texts with a word of doubt, flagged.

    A text has one where any sentence is marked as ``cannot``, ``contradicts``, ``missing``,
    ``needed`` or ``open_box``; the other texts are left out: they abstain from nothing. Of a text
    longer than 6,000 characters only the first 2,000 and the last 4,000 are read: what an answer
    says of the question itself, it says first or last. Sentences without a letter or digit are
    left out; ``place`` counts the others from 0. The flags are the phrases of ``abstains_cues``
    and ``abstains_answers``, and

    - ``number``: it names one; ``open_box``: it boxes that there is no result; ``firm_box``: it
      boxes a number, a choice, yes or no; ``lone_number``: it only boxes a number or none;
    - ``box_first``: its box stands before its CANNOT; ``turned``: it turns away from its
      abstention; ``turned_to``: to something that it gives.
    """
    found = (
        _ends(frame, text)
        .with_columns(plain(pl.col("text")).alias("said"))
        .filter(pl.col("said").str.contains("[a-z0-9?]"))
        .with_columns(_shortened(pl.col("said")).alias("said"))
        .with_columns(_unquoted(pl.col("said")).alias("said"))
    )
    doubted = _boxed(found.with_columns(_flags(_ABSTENTIONS, pl.col("said"))))
    doubt = doubted.filter(pl.any_horizontal(*_ABSTENTIONS, "open_box")).select("response_id")
    marked = _flagged(doubted.join(doubt, on="response_id", how="semi", maintain_order="left"))
    return marked.drop("said", "box")


def _ends(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """``sentences``, but of a long text only those of its ends."""
    length = pl.col(text).str.len_chars().cast(pl.Int64)
    rows = frame.select("response_id", text, (length - _HEAD - _TAIL).alias("over"))
    rows = rows.with_row_index("row").with_columns(pl.lit(0, pl.Int64).alias("shift"))
    long = pl.col("over") > 0
    head = pl.when(long).then(pl.col(text).str.head(_HEAD)).otherwise(pl.col(text))
    tail = rows.filter(long).with_columns(pl.col(text).str.tail(_TAIL), pl.col("over") + _HEAD)
    parts = pl.concat(
        [rows.with_columns(head.alias(text)), tail.with_columns(pl.col("over").alias("shift"))]
    ).with_row_index("part")
    found = sentences(parts.select(pl.col("part").alias("response_id"), text), text)
    return (
        found.rename({"response_id": "part"})
        .join(parts.select("part", "row", "response_id", "shift"), on="part", how="left")
        .with_columns(pl.col("start", "end") + pl.col("shift"))
        .sort("row", "start")
        .select("response_id", "start", "end", "text")
    )


def _shortened(said: pl.Expr) -> pl.Expr:
    ends = pl.concat_str(said.str.head(_LONGEST), pl.lit(" - "), said.str.tail(_LONGEST))
    return pl.when(said.str.len_bytes() > 2 * _LONGEST).then(ends).otherwise(said)


def _unquoted(said: pl.Expr) -> pl.Expr:
    """Without what it quotes from others: a quotation of its own answer stays."""
    own = said.str.contains(_QUOTES_ITS_ANSWER)
    return pl.when(own).then(said).otherwise(said.str.replace_all(_QUOTED, '""'))


def _flagged(found: pl.DataFrame) -> pl.DataFrame:
    """``found`` with the flags beside those of ``_ABSTENTIONS`` and of the box."""
    said = pl.col("said")
    numbered = said.str.replace_all(_NO_NUMBER, "").str.contains(answers.NUMBER)
    marked = found.with_columns(
        *_flags(_FLAGS, said),
        numbered.alias("number"),
        pl.int_range(pl.len()).over("response_id").alias("place"),
    )
    claims = pl.when(pl.col("number") | pl.col("labelled")).then(said)
    boxed = pl.when(pl.col("cannot") & pl.col("box").is_not_null()).then(said)
    return _turned(
        marked.with_columns(
            *_flags({"aside": cues.ASIDE}, pl.when(pl.any_horizontal(*_ABSTENTIONS)).then(said)),
            *_flags(_OF_CLAIMS, claims),
            _before(boxed, r"\\boxed", cues.CANNOT).alias("box_first"),
        )
    )


def _flags(patterns: Mapping[str, str], said: pl.Expr) -> list[pl.Expr]:
    return [
        said.str.contains(pattern).fill_null(False).alias(name)
        for name, pattern in patterns.items()
    ]


def _turned(marked: pl.DataFrame) -> pl.DataFrame:
    """``marked`` with whether a sentence turns from an abstention, and to something it gives."""
    said, rest = pl.col("said"), pl.col("rest")
    turning = (
        marked.with_row_index("row")
        .filter(pl.any_horizontal(*_ABSTENTIONS))
        .select("row", "said", said.str.find(answers.BUT).alias("turn"))
        .drop_nulls("turn")
        .with_columns(said.str.slice(0, "turn"), said.str.slice("turn").alias("rest"))
        .with_columns(pl.any_horizontal(_flags(_ABSTENTIONS, said)).alias("before"))
        .filter("before")
        .with_columns(pl.any_horizontal(_flags(_ABSTENTIONS, rest)).alias("after"))
        .filter(~pl.col("after"))
        .select(
            pl.lit(True).alias("turned"),
            (rest.str.contains(answers.NUMBER) | rest.str.contains(answers.GUESSING)).alias(
                "turned_to"
            ),
            "row",
        )
    )
    return (
        marked.with_row_index("row")
        .join(turning, on="row", how="left", maintain_order="left")
        .drop("row")
        .with_columns(pl.col("turned", "turned_to").fill_null(False))
    )


def _before(text: pl.Expr, first: str, second: str) -> pl.Expr:
    """Whether one pattern stands before another; false where one of them is nowhere."""
    return (text.str.find(first) < text.str.find(second)).fill_null(False)


def _boxed(found: pl.DataFrame) -> pl.DataFrame:
    """``found`` with what each sentence boxes, and the flags of that."""
    said, box = pl.col("said"), pl.col("box")
    rows = found.with_row_index("row")
    boxes = (
        rows.filter(said.str.contains(r"\boxed", literal=True))
        .select(
            "row",
            said.str.extract(answers.BOX, 1).alias("box"),
            said.str.replace(answers.BOX, "").str.contains(answers.LABEL).alias("lone"),
        )
        .drop_nulls("box")
    )
    value = _value(box.str.replace_all(rf"{_WRAP}\s*\{{[^{{}}]*\}}", " "))
    words = box.str.replace_all(_WRAP, "")
    no_one = words.str.contains("^[^a-z]*none[^a-z]*$")
    one_word = words.str.contains(answers.BARE)
    none = box.str.contains(cues.OPEN_BOX) & ~one_word
    number = value.str.contains("[0-9]") & ~value.str.contains("[a-z]")
    none_is = box.str.contains(r"\\(?:varnothing|emptyset)|\bno (?:real )?solutions?\b")
    choice = _value(words).str.contains(r"^[^a-z0-9]*[a-h][^a-z0-9]*$")
    flagged = boxes.select(
        "row",
        "box",
        none.alias("open_box"),
        (~none & (number | choice | one_word | none_is)).alias("firm_box"),
        (~none & (number | no_one) & pl.col("lone")).alias("lone_number"),
    )
    return (
        rows.join(flagged, on="row", how="left", maintain_order="left")
        .drop("row")
        .with_columns(pl.col("open_box", "firm_box", "lone_number").fill_null(False))
    )


def _value(formula: pl.Expr) -> pl.Expr:
    """What stands behind the last equals sign, without commands."""
    return formula.str.replace_all(r"\\[a-z]+", " ").str.replace(r"^.*=", "")
