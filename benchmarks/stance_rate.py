"""How fast answers about two topics are judged: the phrases (MB/s) and the encoder (sentences/s).

On the labelled answers, ten times each. The encoder's own rate stands apart: it is given each
different sentence once, and of long texts only those that may matter.
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
from stages.heuristics.stance_near import examples, near, plain
from stages.heuristics.stance_sentences import marked_sentences
from stages.validating.stance_material import LABELS

COPIES = 10


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
    parts = near(
        marked_sentences(frame, "answer"),
        frame.select("response_id", "topics"),
        examples(model.features),
        _Still(),
    )
    said = pl.concat(saying(part, model).select(pl.exclude("^like: .*$")) for part in parts)
    leaning(said)
    seconds = time.perf_counter() - began
    print(
        f"stance without the encoder: {megabytes / seconds:.2f} MB/s, "
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


if __name__ == "__main__":
    main()
