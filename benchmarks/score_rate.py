"""Trace text a second and core: each heuristic, all together, and a plain Python version beside.

The claims: at least 20 MB/s for all that needs neither tokenizer nor encoder, and at least 20
times the rate of `naive_measures.py`, which gives the same numbers. The encoder's own rate and
that of reading are reported apart, and the time spent in the encoder is left out of the others;
no tokenizer is used: tokens that no engine counted are estimated.

The text is made from the labelled answers, or read from the transcripts in the folder that the
argument or OVERTHINK_TRACES names. Rates are by the processor's time on one core, the best of
ROUNDS, since other work on the machine only ever adds to it.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import polars as pl  # after the lines above: it counts its threads when it is imported
from naive_measures import measures

from stages.heuristics.encoder import Vectors, default_encoder
from stages.heuristics.language import forget
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score, with_prompts
from stages.params.scoring import Scoring
from stages.plans.score import ScorePlan
from stages.transcript.imported import Importer
from stages.transcript.readers import read_transcripts
from stages.transcript.tokens import estimated
from stages.transcript.transcripts import Transcript

ROUNDS = 5
NAIVE_BYTES = 1_000_000
LONG_S = 5.0  # a round that took so long isn't repeated
MEASURED = ("thinking_tokens", "answer_tokens", "loop", "hesitations_per_1k", "thought_switches")
SETTINGS = ScorePlan.model_validate(Scoring().model_dump())
LABELLED = Path(__file__).resolve().parents[1] / "data/labels/two_topic.jsonl"


def labelled(count: int = 800, parts: int = 6) -> Iterator[Transcript]:
    """Responses about the labelled pairs of topics: some thoughts in a row, and the answer."""
    known = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    thoughts = cycle([one["thinking"] for one in known if one.get("thinking")])
    for number, one in enumerate(islice(cycle(known), count), start=1):
        thinking = "\n\n".join(islice(thoughts, parts))
        topics = (one["topics"][0], one["topics"][1])
        yield Transcript(
            number, str(number), (one["prompt"],), thinking, one["answer"], topics=topics
        )


def traces(folder: Path) -> Iterator[Transcript]:
    """What can be read of the transcripts in a folder; their numbers run through all files."""
    number = 0
    for path in sorted([*folder.rglob("*.json"), *folder.rglob("*.jsonl")]):
        for one in read_transcripts(path):
            if isinstance(one, Transcript):
                number += 1
                yield replace(one, line=number, id=str(number))


class Meter:
    """The processor's seconds that the encoder took, which counts what it is given."""

    def __init__(self) -> None:
        self.seconds, self.texts = 0.0, 0
        self._encode = default_encoder().encode
        default_encoder().encode = self.encode  # type: ignore[method-assign]

    def encode(self, texts: Sequence[str]) -> Vectors:
        began = time.process_time()
        vectors = self._encode(texts)
        self.seconds += time.process_time() - began
        self.texts += len(texts)
        return vectors


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Best processor time of the rounds without the encoder's.

    What ``is_english`` remembers is forgotten before each.
    """
    best = math.inf
    for _ in range(rounds):
        forget()
        began, encoding = time.process_time(), METER.seconds
        run()
        took = time.process_time() - began - (METER.seconds - encoding)
        best = min(best, took)
        if took > LONG_S:
            break
    return best


def size_of(known: pl.DataFrame) -> float:
    """Megabytes of thinking and answers."""
    sizes = known.select(pl.col("thinking", "answer").str.len_bytes().sum().fill_null(0))
    return float(sum(sizes.row(0))) / 1e6


def rate(known: pl.DataFrame, took: float) -> str:
    return f"{size_of(known) / took:10,.1f} MB/s"


def tokens_of(known: pl.DataFrame) -> list[tuple[int | None, int | None]]:
    """The tokens of both parts, estimated."""
    return [estimated(*parts)[:2] for parts in known.select("thinking", "answer").iter_rows()]


def main() -> None:
    """Print the rates and the ratio."""
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OVERTHINK_TRACES")
    began = time.process_time()
    found = list(traces(Path(folder)) if folder else labelled())
    read = time.process_time() - began
    tables = Importer("bench").tables(found)
    known = with_prompts(tables.responses, tables.prompts)
    print(
        f"{known.height:,} responses ({folder or LABELLED.name}), {size_of(known):.1f} MB of text"
    )
    if folder:
        print(f"reading and splitting: {rate(known, read)}")
    total = each(known)
    print(f"all that need neither tokenizer nor encoder: {rate(known, total)}")
    beside_naive(known)
    encoder(known)


def each(known: pl.DataFrame) -> float:
    """Print the rate of each heuristic that reads text; give the seconds of all together."""
    everything = known
    alone = {"estimated tokens": seconds(lambda: tokens_of(known))}
    for one in discover():
        part = everything.select("response_id", *one.needs)
        result = one.compute(part, SETTINGS)
        everything = everything.with_columns(result.values.get_columns())
        if {"thinking", "answer", "topics"} & set(one.needs):
            alone[one.name] = seconds(partial(one.compute, part, SETTINGS))
    for name, took in sorted(alone.items(), key=lambda pair: -pair[1]):
        print(f"  {name:22}{rate(known, took)}")
    return alone["estimated tokens"] + seconds(lambda: score(known, SETTINGS, discover()))


def beside_naive(known: pl.DataFrame) -> None:
    """Print how many times the rate of plain Python the same measures have, and compare both."""
    rows = known.sample(fraction=1.0, shuffle=True, seed=1)
    size = pl.sum_horizontal(pl.col("thinking", "answer").str.len_bytes().fill_null(0))
    some = rows.filter(size.cum_sum() <= NAIVE_BYTES)
    texts = some.select("thinking", "answer").rows()
    began = time.process_time()
    plain: list[dict[str, Any]] = [
        measures(thinking, answer, SETTINGS) for thinking, answer in texts
    ]
    slow = time.process_time() - began
    same = [one for one in discover() if one.name in MEASURED]
    fast = seconds(lambda: (tokens_of(known), score(known, SETTINGS, same)))
    columns = score(some, SETTINGS, same).values
    for row, expected in zip(columns.to_dicts(), plain, strict=True):
        for name, value in expected.items():
            if row[name] != value and not math.isclose(row[name] or 0, value or 0):
                raise SystemExit(f"{row['response_id']}: {name} is {row[name]}, naively {value}")
    ratio = (size_of(known) / fast) / (size_of(some) / slow)
    print(f"{', '.join(MEASURED)}, estimated tokens: {rate(known, fast)}")
    print(f"  naively {rate(some, slow)} ({some.height:,} responses, the same numbers)")
    print(f"  ratio {ratio:.0f}")


def encoder(known: pl.DataFrame) -> None:
    """Print the encoder's own rate, and how much of the text it is given."""
    METER.texts, METER.seconds = 0, 0.0
    score(known, SETTINGS, discover())
    if METER.texts:
        print(
            f"encoder: {METER.texts / METER.seconds:,.0f} texts/s; it is given {METER.texts:,} of "
            f"{known.height:,} responses, {METER.seconds:.1f} s"
        )


METER = Meter()

if __name__ == "__main__":
    main()
