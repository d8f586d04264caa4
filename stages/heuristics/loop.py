"""Whether the text repeats itself over and over."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.plans.score import ScorePlan

# A word, a character of a script that writes no spaces, or 32 characters of what never ends.
_WORD = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]"
    r"|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]{1,32}"
)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_Hashes = npt.NDArray[np.uint64]


def compute(frame: pl.DataFrame, settings: ScorePlan) -> Result:
    """Find runs of ``loop_words`` words that occur ``loop_repeats`` times or more in one part.

    ``loop``: there is such a run. ``loop_share``: words inside such runs ÷ all words of thinking
    and answer. Occurrences may overlap. Runs are compared by 64-bit hashes.
    """
    words = _words(frame)
    repeated = _repeated(words, settings.loop_words, settings.loop_repeats)
    shares = (
        words.with_columns(pl.Series("repeated", repeated))
        .group_by("row")
        .agg(pl.col("repeated").mean().alias("loop_share"))
    )
    said = pl.any_horizontal(pl.col("thinking", "answer").is_not_null())
    values = (
        frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), said.alias("said"))
        .join(shares, on="row", how="left", maintain_order="left")
        .select(pl.when("said").then(pl.col("loop_share").fill_null(0.0)).alias("loop_share"))
        .select((pl.col("loop_share") > 0).alias("loop"), "loop_share")
    )
    why = pl.when(~said).then(pl.lit("there is no text"))
    notes = pl.concat([reasons(frame, name, why) for name in ("loop", "loop_share")])
    return Result(values, notes)


def _words(frame: pl.DataFrame) -> pl.DataFrame:
    """A row a word: its response, its part (text) and its hash."""
    return (
        frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), "thinking", "answer")
        .unpivot(index="row", variable_name="part", value_name="text")
        .with_row_index("place")
        .select("row", "place", pl.col("text").str.extract_all(_WORD).alias("word"))
        .explode("word")
        .drop_nulls("word")
        .with_columns(pl.col("word").hash(seed=0))
    )


def _repeated(words: pl.DataFrame, length: int, repeats: int) -> npt.NDArray[np.bool_]:
    """For each word whether it lies in a run of ``length`` words that occurs often enough."""
    inside = np.zeros(words.height, dtype=np.bool_)
    places = words["place"].to_numpy()
    if words.height < length + repeats - 1:
        return inside
    within = places[: words.height - length + 1] == places[length - 1 :]
    starts = np.flatnonzero(within)
    # The text's number is part of the hash, so a run is counted in its own text alone.
    hashes = _run_hashes(words["word"].to_numpy(), length)[starts] ^ (
        places[starts].astype(np.uint64) * _MIX
    )
    _, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    often = starts[counts[which] >= repeats]
    edges = np.zeros(words.height + 1, dtype=np.int64)
    edges[often] += 1
    np.subtract.at(edges, often + length, 1)
    inside[:] = np.cumsum(edges)[:-1] > 0
    return inside


def _run_hashes(hashes: _Hashes, length: int) -> _Hashes:
    """Hash of each run of ``length`` words, from those of runs half as long."""
    if length == 1:
        return hashes
    half = _run_hashes(hashes, length // 2)
    shift = length // 2
    runs = _joined(half[: half.size - shift], half[shift:])
    return _joined(runs[:-1], hashes[length - 1 :]) if length % 2 else runs


def _joined(left: _Hashes, right: _Hashes) -> _Hashes:
    mixed = (left ^ (left >> np.uint64(29))) * _MIX + right
    return mixed ^ (mixed >> np.uint64(32))


HEURISTIC = Heuristic(
    name="loop",
    columns=(
        Column("loop", pl.Boolean, "", "A long run of words is repeated many times over."),
        Column("loop_share", pl.Float64, "fraction", "Share of the words inside such runs."),
    ),
    needs=("thinking", "answer"),
    source="arXiv 2512.12895: any 30-gram that occurs 20 times or more.",
    compute=compute,
)
