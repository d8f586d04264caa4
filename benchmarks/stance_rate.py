"""How fast answers about two topics are judged: the phrases (MB/s), the encoder (sentences/s), the
reader (tokens/s).

On the labelled answers, ten times each. The rates of encoder and reader stand apart: each is given
the sentences that may matter, and those of a text that comes again only once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import polars as pl

from stages.heuristics.encoder import Vectors, default_encoder
from stages.heuristics.stance_judge import patterns, saying
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_model import models
from stages.heuristics.stance_near import examples, looked_at, near, plain
from stages.heuristics.stance_read import COUNT, read, read_texts, with_readings
from stages.heuristics.stance_sentences import marked_sentences
from stages.validating.stance_material import LABELS

COPIES = 10
READ = 50  # different answers that the reader is given


class _Still:
    """Stands in for the encoder and takes no time."""

    def encode(self, given: Sequence[str]) -> Vectors:
        return np.zeros((len(given), 512), dtype=np.float32)


def main() -> None:
    """Print the rates."""
    labels = pl.read_ndjson(LABELS, infer_schema_length=None).filter(pl.col("answer") != "")
    copies = pl.int_range(COPIES, eager=True).alias("copy").to_frame()
    frame = labels.join(copies, how="cross").select(
        pl.format("{} {}", "id", "copy").alias("response_id"), "topics", "answer"
    )
    frame = frame.join(patterns(frame), on="topics", how="left", maintain_order="left")
    megabytes = frame["answer"].str.len_bytes().sum() / 1e6
    model = models()["sentence"]
    began = time.perf_counter()
    topics = frame.select("response_id", "topics")
    seen = looked_at(marked_sentences(frame, "answer"))
    texts = [text for _, text in read_texts(seen, topics)]
    still = {one.digest(): np.zeros((len(one.pieces), COUNT), dtype=np.int8) for one in texts}
    parts = near(with_readings(seen, topics, still), topics, examples(model.features), _Still())
    said = pl.concat(saying(part, model).select(pl.exclude("^like: .*$")) for part in parts)
    leaning(said)
    seconds = time.perf_counter() - began
    print(
        f"stance without encoder and reader: {megabytes / seconds:.2f} MB/s, "
        f"{frame.height / seconds:.0f} answers/s (n {frame.height})"
    )
    seen = said.filter("looked_at")
    sample = plain(seen["text"]).unique(maintain_order=True).head(2_000).to_list()
    default_encoder().encode(sample[:1])
    began = time.perf_counter()
    default_encoder().encode(sample)
    rate = len(sample) / (time.perf_counter() - began)
    print(
        f"encoder: {rate:.0f} sentences/s, "
        f"{seen.height} of {said.height} sentences may matter: "
        f"{frame.height / (seen.height / rate):.0f} different answers/s"
    )
    some = list(dict.fromkeys(texts))[:READ]
    read(some[0])
    began = time.perf_counter()
    for one in some:
        read(one)
    seconds = time.perf_counter() - began
    size = sum(len(piece) for one in some for piece in one.pieces) / 1e6
    print(
        f"reader: {len(some) / seconds:.1f} different answers/s, {size / seconds * 1e3:.1f} kB/s "
        f"(n {len(some)}, all cores)"
    )


if __name__ == "__main__":
    main()
