"""What a small language model makes of each sentence, knowing the topics and what stands before.

Phrases and examples judge a sentence by itself. "The registers don't bear it out" says something
only to who has read what it answers. The model (``stages/reading``) isn't asked anything: the mean
state of a sentence's tokens within it is taken, and of that the 64 directions in which the states
of labelled sentences differ most (``stance_directions.json``).
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from stages.reading.reader import Reader, default_reader

DIRECTIONS = Path(__file__).with_name("stance_directions.json")
COUNT = 64
FEATURES = tuple(f"read {number:02}" for number in range(1, COUNT + 1))
"""How far a sentence lies in each direction; 0.3 is the spread of the labelled ones."""

STEP = 0.01  # to which the numbers are rounded: processors differ by less, as a rule
_MOST = 127  # steps
_LONGEST = 200  # characters of a sentence that are read
_TOPIC = 100  # characters of a topic
_SILENT_S = 20.0
_ID = "response_id"

Steps = npt.NDArray[np.int8]
Known = Mapping[bytes, Steps]


class Text(NamedTuple):
    """What is read of a text: how it is introduced, and its sentences with what separates them."""

    opening: str
    pieces: tuple[str, ...]

    def digest(self) -> bytes:
        """Sixteen bytes that name it."""
        whole = json.dumps([self.opening, *self.pieces]).encode()
        return hashlib.sha256(whole).digest()[:16]


def with_readings(
    seen: pl.DataFrame, topics: pl.DataFrame, known: Known | None = None
) -> pl.DataFrame:
    """The rows of ``looked_at`` with ``FEATURES``, 0 where a sentence isn't looked at.

    ``topics`` has ``response_id`` and ``topics``. ``known`` has the steps of some texts by digest,
    a row a sentence; the others are read now, some three a second, with a line on standard error
    every 20 s. Texts that are alike are read once.
    """
    found: dict[bytes, Steps] = dict(known or {})
    steps = np.zeros((seen.height, COUNT), dtype=np.int8)
    texts, told = read_texts(seen, topics), time.monotonic()
    for place, (rows, text) in enumerate(texts):
        name = text.digest()
        if name not in found:
            found[name] = read(text)
        steps[rows] = found[name]
        if time.monotonic() - told > _SILENT_S:
            told = time.monotonic()
            print(f"stance: read {place + 1:,} of {len(texts):,} texts", file=sys.stderr)
    return seen.with_columns(
        pl.Series(name, steps[:, place] * STEP, dtype=pl.Float64).round(2)
        for place, name in enumerate(FEATURES)
    )


def read_texts(seen: pl.DataFrame, topics: pl.DataFrame) -> list[tuple[list[int], Text]]:
    """Of each text the rows that are looked at, and what the reader is given."""
    asked = (
        seen.with_row_index("row")
        .filter("looked_at")
        .join(topics, on=_ID, how="left", maintain_order="left")
        .select(
            _ID,
            "row",
            "topics",
            "line",
            pl.col("text").str.strip_chars().str.head(_LONGEST).alias("said"),
        )
        .group_by(_ID, maintain_order=True)
        .agg("row", pl.col("topics").first(), "line", "said")
    )
    texts = []
    for _, rows, (first, second), lines, said in asked.iter_rows():
        breaks = ["", *(" " if one == next_ else "\n" for one, next_ in pairwise(lines))]
        pieces = tuple(gap + one for gap, one in zip(breaks, said, strict=True))
        texts.append((rows, Text(opening(first, second), pieces)))
    return texts


def opening(first: str, second: str) -> str:
    """What is read before a text: the question that it answers."""
    asked = f"{first[:_TOPIC]} and {second[:_TOPIC]}"
    return (
        f"Question: Are {asked} connected, or do they have nothing to do with each other?\n\n"
        'Text: "'
    )


def read(text: Text, reader: Reader | None = None) -> Steps:
    """Its sentences in steps along each direction: shape (sentences, ``COUNT``)."""
    states = (reader or default_reader()).read(text.opening, text.pieces)
    return steps_of(states, *directions())


def steps_of(
    states: npt.NDArray[np.float32], mean: npt.NDArray[np.float64], along: npt.NDArray[np.float64]
) -> Steps:
    """States in steps along directions, from their mean."""
    found = np.rint((states - mean) @ along.T / STEP)
    return np.clip(found, -_MOST, _MOST).astype(np.int8)


@cache
def directions() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The mean state, and a row a direction."""
    found = json.loads(DIRECTIONS.read_text(encoding="utf-8"))
    return np.array(found["mean"]), np.array(list(found["directions"].values()))
