"""From marked sentences to a verdict: the rules of ``abstains``, and the sentence that decided."""

from __future__ import annotations

import polars as pl

_SHORT = 15  # sentences up to which every place of a text is near an end
_NEAR_START, _NEAR_END = 4, 5
_PLACES = ("says", "hints", "firm", "concludes", "closes", "elsewhere", "assumes", "gives")
_LONGEST = 1_000  # characters of evidence: a text of one endless sentence isn't copied whole


def decide(marked: pl.DataFrame) -> pl.DataFrame:
    """``response_id, abstains, place, strong`` of each text of ``doubtful_sentences``.

    - An abstention is *said* (the question can't be answered: CANNOT, a box that holds no result)
      or *hinted at* (its premise is wrong, something isn't given or asked for), near an end of
      the text. An aside, a quotation, a letter for somebody else and a gap that isn't needed
      don't count.
    - An answer is *firm* (boxed, or called the answer), *concluded* (so, therefore … and a
      number) or the *closing* sentence's number. Conditions ("if it were 3, …") answer nothing.
    - What is said last decides. A said abstention gives way to a firm answer after it, to a
      conclusion, or to a closing number for which something was assumed; a number that is merely
      boxed right after it isn't claimed. A hinted one gives way to any answer after it. Neither
      gives way to the answer of another question that the text turns to.

    ``place`` is that of the sentence that decided, null where none did; ``strong``, that an
    abstention was said.
    """
    texts = _texts(_judged(marked))
    says, hints, firm = pl.col("says"), pl.col("hints"), pl.col("firm")
    turned_to = pl.col("elsewhere")
    concluded = (pl.col("concludes") > says) & (turned_to <= says)
    assumed = (pl.col("assumes") >= says) & (pl.col("closes") > says) & (turned_to <= says)
    yes_no = pl.col("opens") & ~pl.col("says_i")
    strong = (says >= 0) & (says >= firm) & ~concluded & ~assumed & ~yes_no
    answered = pl.max_horizontal("concludes", "closes", "gives")
    weak = (hints > firm) & ~yes_no & ((hints > answered) | (turned_to >= hints))
    overruled = (says >= 0) | (hints >= 0)
    return texts.select(
        "response_id",
        (strong | weak).alias("abstains"),
        pl.when(strong)
        .then(says)
        .when(weak)
        .then(hints)
        .when(overruled & (pl.max_horizontal(firm, answered) >= 0))
        .then(pl.max_horizontal(firm, answered))
        .alias("place"),
        strong.alias("strong"),
    )


def deciding(marked: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """The sentence behind each verdict: ``response_id, start, end, text, strong, abstains``."""
    judged = marked.join(verdicts.drop_nulls("place"), on=["response_id", "place"])
    begun = pl.col("text").str.strip_chars_start()
    indent = pl.col("text").str.len_chars().cast(pl.Int64) - begun.str.len_chars()
    text = begun.str.strip_chars_end().str.head(_LONGEST)
    return judged.select(
        "response_id", pl.col("start") + indent, text.alias("text"), "strong", "abstains"
    ).with_columns((pl.col("start") + pl.col("text").str.len_chars()).alias("end"))


def _judged(marked: pl.DataFrame) -> pl.DataFrame:
    """``marked`` with what each sentence does: the flags of ``_PLACES`` and ``opens``."""
    text = "response_id"
    place, whole = pl.col("place"), pl.len().over(text)
    offers = pl.col("offering") & ~pl.col("needed")
    letter = pl.col("letter").cum_max().over(text)
    end = place.filter(~offers).max().over(text)
    near = (whole <= _SHORT) | (place < _NEAR_START) | (place > end - _NEAR_END)
    said = (pl.col("cannot") & near & ~pl.col("aside") & ~pl.col("turned_to") & ~letter) | pl.col(
        "open_box"
    )
    needless = pl.col("needless") | pl.col("needless").shift(-1, fill_value=False).over(text)
    lacks = (pl.col("missing") | pl.col("needed")) & ~pl.col("turned")
    hinted = (
        (pl.col("contradicts") | lacks) & near & ~needless & ~pl.col("aside") & ~offers & ~letter
    )
    found = marked.with_columns(said.alias("says"), hinted.alias("hints"))
    abstains, if_ = pl.col("says") | pl.col("hints"), pl.col("conditional")
    content = pl.when(~pl.col("label") & ~(if_ & ~abstains)).then(pl.col("says"))
    before = content.shift(1).forward_fill().over(text).fill_null(False)
    unclaimed = pl.col("lone_number") & before
    claims = pl.col("number") & ~if_ & ~abstains
    last = place.filter(~offers & ~pl.col("needed")).max().over(text)
    firm = (
        (pl.col("firm_box") & ~unclaimed & ~pl.col("box_first"))
        | (pl.col("bare") & (place == end))
        | (pl.col("labelled") & ~if_ & ~abstains)
    )
    return found.with_columns(
        firm.alias("firm"),
        (claims & pl.col("concluding")).alias("concludes"),
        (claims & (place == last)).alias("closes"),
        (pl.col("assuming") | (pl.col("turning") & ~abstains)).alias("assumes"),
        (pl.col("yes_no") & (place == 0)).alias("opens"),
        (pl.col("says") & pl.col("first_person")).alias("says_i"),
        ((pl.col("concluding") | pl.col("emphatic")) & ~if_ & ~abstains).alias("gives"),
    )


def _texts(judged: pl.DataFrame) -> pl.DataFrame:
    """One row a text: of each of ``_PLACES`` the last sentence that has it, -1 for none."""
    last = (
        pl.col("place").filter(pl.col(name)).max().fill_null(-1).cast(pl.Int64).alias(name)
        for name in _PLACES
    )
    return judged.group_by("response_id", maintain_order=True).agg(
        *last, pl.col("opens", "says_i").any()
    )
