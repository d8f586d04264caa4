"""How near each sentence comes to the two topics, and to sentences that are known to say something.

Phrases can't name every way to say a thing. A sentence that is worded otherwise may still lie near
to one of the examples from which the models were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import polars as pl

from stages.heuristics.encoder import Encoder, Vectors, default_encoder

LIKE = "like: "
"""What the name of a feature begins with that says how near a sentence comes to an example."""

_WEIGHT = 3  # times the cosine, which is small beside a feature that is 0 or 1
_ENDS = 12  # sentences at either end of a text that are always looked at
_MOST = 64  # others that may matter: a list of a hundred thousand is known by its beginning
_LONGEST = 200  # characters of a sentence that are looked at
_AT_ONCE = 2_048  # sentences whose vectors are held in memory


def examples(features: Sequence[str]) -> list[str]:
    """The example sentences among the names of features."""
    return [name.removeprefix(LIKE) for name in features if name.startswith(LIKE)]


def at_ends() -> pl.Expr:
    """Whether a sentence of ``marked_sentences`` is one of the first or last dozen of its text."""
    return (pl.col("place") < _ENDS) | (pl.col("place") >= pl.col("whole") - _ENDS)


def looked_at(marked: pl.DataFrame) -> pl.DataFrame:
    """``marked_sentences`` with ``looked_at``: whether encoder and reader are given the sentence.

    It is where the sentence may matter: one of the first or last dozen of its text, or one of the
    first 64 others that name both topics or speak of the two with words of a link or a denial. The
    rest says nothing.
    """
    ends = at_ends()
    told = pl.col("both") | (pl.col("of_two") & (pl.col("any_denial") | pl.col("any_link")))
    letters = pl.col("text").str.contains(r"\p{L}")
    within = (told & ~ends).cum_sum().over("response_id") <= _MOST
    return marked.with_columns(((ends | (told & within)) & letters).alias("looked_at"))


def near(
    seen: pl.DataFrame, topics: pl.DataFrame, known: Sequence[str], encoder: Encoder | None = None
) -> Iterator[pl.DataFrame]:
    """The rows of ``looked_at``, some thousand at a time.

    To its columns come ``near_first`` and ``near_second``, the cosine with each topic (null where
    not looked at); and one for each sentence of ``known``, ``LIKE`` before its name: three times
    the cosine with it (0 where not looked at). ``topics`` has ``response_id`` and ``topics``.
    """
    asked = seen.join(topics, on="response_id", how="left", maintain_order="left")
    anchors = _examples(tuple(known)) if encoder is None else encoder.encode(known)
    encoder = encoder or default_encoder()
    for start in range(0, max(asked.height, 1), _AT_ONCE):
        rows = asked.slice(start, _AT_ONCE)
        places = rows["looked_at"].arg_true().to_numpy()
        cosines = np.full((rows.height, 2), np.nan)
        likes = np.zeros((rows.height, len(known)))
        if places.size:
            said = _encoded(plain(rows["text"].gather(places)), encoder)
            for place in (0, 1):
                topic = _encoded(rows["topics"].gather(places).list.get(place), encoder)
                cosines[places, place] = (said * topic).sum(axis=1)
            likes[places] = _WEIGHT * (said @ anchors.T)
        yield rows.drop("topics").with_columns(
            *(
                pl.Series(name, cosines[:, place], dtype=pl.Float64).fill_nan(None)
                for place, name in enumerate(("near_first", "near_second"))
            ),
            *(
                pl.Series(LIKE + one, likes[:, place], dtype=pl.Float64).round(2)
                for place, one in enumerate(known)
            ),
        )


def plain(texts: pl.Series) -> pl.Series:
    """Sentences as the encoder is given them: without Markdown, and only their beginning."""
    return texts.str.replace_all(r"[*#|_`]", " ").str.strip_chars().str.head(_LONGEST)


@cache
def _examples(known: tuple[str, ...]) -> Vectors:
    """Those of the models, encoded once and not with every batch."""
    return default_encoder().encode(known)


def _encoded(texts: pl.Series, encoder: Encoder) -> Vectors:
    """The vectors of the texts in their order; each different text is encoded once."""
    places = {text: at for at, text in enumerate(texts.unique(maintain_order=True))}
    return encoder.encode(list(places))[[places[text] for text in texts]]
