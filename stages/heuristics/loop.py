"""Whether the text repeats itself over and over."""

from __future__ import annotations

import numpy as np
import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, evidence, reasons
from stages.heuristics.words import Hashes, Places, spans, words_of
from stages.plans.score import ScorePlan

_MIX = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(int(_MIX), -1, 2**64))
_FEWEST_BUCKETS, _MOST_BUCKETS = 10, 18  # powers of two
_SLICE = 2**19  # bytes of text at once: what comes of them fits into a processor's cache
_LONGEST = 1_000  # characters of evidence
_PARTS = ("thinking", "answer")


def compute(frame: pl.DataFrame, settings: ScorePlan) -> Result:
    """Find runs of ``loop_words`` words that occur ``loop_repeats`` times or more in one part.

    ``loop``: there is such a run. ``loop_share``: words inside such runs ÷ all words of thinking
    and answer. Occurrences may overlap. Runs are compared by 64-bit hashes. The evidence is the
    first such run, of the thinking rather than of the answer.

    The published definition counts runs of 30 tokens, which depend on a model's tokenizer: the
    default of 23 words is what prose has of them (1.3 tokens a word; maths has more).
    """
    rows = frame.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), "response_id", *_PARTS
    )
    texts = (
        rows.unpivot(_PARTS, index=("row", "response_id"), variable_name="part", value_name="text")
        .drop_nulls("text")
        .with_columns((pl.col("text").str.len_bytes().cum_sum() // _SLICE).alias("slice"))
    )
    slices = texts.partition_by("slice", maintain_order=True, include_key=False) or [
        texts.drop("slice")
    ]
    found = pl.concat([_runs(some, settings) for some in slices])
    shares = found.group_by("row").agg(
        (pl.col("repeated").sum() / pl.col("words").sum()).fill_nan(0.0).alias("loop_share")
    )
    values = rows.join(shares, on="row", how="left", maintain_order="left").select(
        (pl.col("loop_share") > 0).alias("loop"), "loop_share"
    )
    why = pl.when(values["loop"].is_null()).then(pl.lit("there is no text"))
    notes = [reasons(frame, name, why) for name in values.columns]
    return Result(values, pl.concat([*notes, *_evidence(found)]))


def _runs(texts: pl.DataFrame, settings: ScorePlan) -> pl.DataFrame:
    """The texts with ``words``, ``repeated`` (words inside runs), and where the first run stands.

    That is ``start`` and ``end`` in characters; null in a text without one.
    """
    words, length = words_of(texts["text"]), settings.loop_words
    owners = np.repeat(np.arange(texts.height), words.counts)
    begins = _beginnings(words.hashes, owners, length, settings.loop_repeats)
    inside = _inside(begins, length, words.hashes.size)
    repeated = np.bincount(owners[inside], minlength=texts.height)
    start, end = np.full((2, texts.height), -1)
    if begins.size:
        which, at = np.unique(owners[begins], return_index=True)
        first = begins[at] - (np.cumsum(words.counts) - words.counts)[which]
        start[which], end[which] = spans(words, which, first, first + length - 1)
    return texts.with_columns(
        pl.Series("words", words.counts),
        pl.Series("repeated", repeated),
        pl.Series("start", start).replace(-1, None),
        pl.Series("end", np.minimum(end, start + _LONGEST)),
    )


def _beginnings(hashes: Hashes, owners: Places, length: int, repeats: int) -> Places:
    """The words with which a run of ``length`` words begins that occurs often enough.

    ``owners`` has the number of the text of each word.
    """
    begins: Places = _likely(hashes, length, repeats)
    begins = begins[owners[begins] == owners[begins + length - 1]]
    if not begins.size:
        return begins
    # The text's number is part of the hash, so a run is counted in its own text alone.
    runs = _run_hashes(hashes, length, begins) + owners[begins].astype(np.uint64) * _MIX
    ordered = np.sort(runs)
    ahead = ordered[repeats - 1 :]
    often = ahead[ahead == ordered[: ahead.size]]
    if not often.size:
        return begins[:0]
    often = often[np.append(True, often[1:] != often[:-1])]
    nearest = np.minimum(np.searchsorted(often, runs), often.size - 1)
    found: Places = begins[often[nearest] == runs]
    return found


def _run_hashes(hashes: Hashes, length: int, begins: Places) -> Hashes:
    """Hash of each run of ``length`` words: a polynomial of theirs, modulo 2⁶⁴."""
    powers = np.cumprod(np.full(hashes.size, _MIX))
    sums = np.append(np.uint64(0), np.cumsum(hashes * powers))
    back = np.cumprod(np.full(hashes.size, _INVERSE))
    runs: Hashes = (sums[begins + length] - sums[begins]) * back[begins]
    return runs


def _likely(hashes: Hashes, length: int, repeats: int) -> Places:
    """Where a run may begin that occurs often enough; as a rule that is nowhere.

    Four words stand for a run, and what shares their bucket is counted as the same.
    """
    count = hashes.size - length + 1
    if count < repeats:
        return np.empty(0, dtype=np.int64)
    runs = np.zeros(count, dtype=np.uint64)
    for step in {0, length // 3, 2 * length // 3, length - 1}:
        runs = runs * _MIX + hashes[step : step + count]
    bits = min(max(count.bit_length(), _FEWEST_BUCKETS), _MOST_BUCKETS)
    buckets = (runs >> np.uint64(64 - bits)).astype(np.int64)
    often = np.bincount(buckets) >= repeats
    return np.flatnonzero(often[buckets]) if often.any() else np.empty(0, dtype=np.int64)


def _inside(begins: Places, length: int, size: int) -> Places:
    """The words, of ``size`` in all, that lie in a run of ``length`` words."""
    edges = np.zeros(size + 1, dtype=np.int64)
    edges[begins] += 1
    edges[begins + length] -= 1
    return np.flatnonzero(np.cumsum(edges))


def _evidence(texts: pl.DataFrame) -> list[pl.DataFrame]:
    run = pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    found = texts.drop_nulls("start").unique("row", keep="first", maintain_order=True)
    found = found.with_columns(run)
    return [evidence(found.filter(part=part), "loop", part) for part in _PARTS]


HEURISTIC = Heuristic(
    name="loop",
    columns=(
        Column("loop", pl.Boolean, "", "A long run of words is repeated many times over."),
        Column("loop_share", pl.Float64, "fraction", "Share of the words inside such runs."),
    ),
    needs=("thinking", "answer"),
    source="arXiv 2512.12895: any run of 30 tokens that occurs 20 times or more; as words, 23.",
    compute=compute,
)
