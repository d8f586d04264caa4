"""How fast answers about two topics are judged: the phrases (MB/s) and the encoder (sentences/s).

On the labelled answers, twenty times each. The encoder's own rate stands apart: it sees only the
sentences of texts that no denial has settled.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import polars as pl

from stages.heuristics.encoder import Vectors, default_encoder
from stages.heuristics.stance_judge import PLAIN, patterns
from stages.heuristics.stance_lean import leaning
from stages.heuristics.stance_model import models, with_probabilities
from stages.heuristics.stance_sentences import marked_sentences
from stages.heuristics.stance_texts import texts
from stages.validating.stance_material import LABELS

COPIES = 20


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
    still = _Still()
    began = time.perf_counter()
    said = with_probabilities(marked_sentences(frame, "answer"), models()["sentence"])
    unsettled = texts(said).filter(pl.col("denial_most") < PLAIN)
    doubtful = said.join(unsettled.select("response_id"), on="response_id", how="semi")
    leaning(doubtful, frame.select("response_id", "topics"), still)
    seconds = time.perf_counter() - began
    print(
        f"stance without the encoder: {megabytes / seconds:.2f} MB/s, "
        f"{frame.height / seconds:.0f} answers/s (n {frame.height})"
    )
    sample = said["text"].unique(maintain_order=True).head(1_000).to_list()
    default_encoder().encode(sample[:1])
    began = time.perf_counter()
    default_encoder().encode(sample)
    rate = len(sample) / (time.perf_counter() - began)
    print(
        f"encoder: {rate:.0f} sentences/s, "
        f"{doubtful.height} of {said.height} sentences may matter: "
        f"{frame.height / (doubtful.height / rate):.0f} answers/s"
    )


if __name__ == "__main__":
    main()
