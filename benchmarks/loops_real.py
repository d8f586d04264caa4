"""How often ``loop`` is right on real traces, and whether it counts as others did.

The traces (arXiv 2504.06514, MIT) aren't part of the project: give their folder as the argument or
in ``OVERTHINK_TRACES`` (it holds ``response/SET/MODEL/response.json``). The truth is
``loops_read.csv``: every trace that ran into the limit of 32,768 tokens (counted with its model's
tokenizer), the 40 longest others of the reasoning model and 60 drawn from the rest by a hash of
their names, each read: yes where the same passage comes back over and over, give or take a word.

Published are flags on runs of 30 tokens. A run of 23 words has about as many in prose.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import polars as pl

from stages.heuristics.loop import HEURISTIC
from stages.plans.score import ScorePlan

READ = Path(__file__).parent / "loops_read.csv"
RUNS = ((23, 20), (30, 20))
# Set and model: traces that ran into the limit, flagged ones, both.
PUBLISHED = {
    ("formula/MiP", "DSQ"): (14, 13, 12),
    ("math/MiP", "DSQ"): (7, 7, 7),
    ("svamp/MiP", "DSQ"): (1, 1, 1),
}
KEY = ("set", "model", "index")


def traces(folder: Path) -> pl.DataFrame:
    """Every trace: ``set, model, index, answer``."""
    return pl.DataFrame(
        [
            (str(path.parent.parent.relative_to(folder)), path.parent.name, index, one)
            for path in sorted(folder.glob("*/*/*/response.json"))
            for index, one in enumerate(row["model_answer"] for row in json.loads(path.read_text()))
        ],
        schema=[*KEY, "answer"],
        orient="row",
    )


def flagged(found: pl.DataFrame, words: int, repeats: int) -> pl.DataFrame:
    """``found`` with the verdict ``given``."""
    settings = ScorePlan.model_construct(loop_words=words, loop_repeats=repeats)
    ids = pl.int_range(pl.len()).cast(pl.String).alias("response_id")
    frame = found.select(ids, "answer", pl.lit(None, pl.String).alias("thinking"))
    needed = frame.select("response_id", *HEURISTIC.needs)
    return found.with_columns(HEURISTIC.compute(needed, settings).values["loop"].alias("given"))


def told(found: pl.DataFrame, read: pl.DataFrame, words: int, repeats: int) -> None:
    """Print the flags against the published ones, and recall and precision against the reading."""
    given = flagged(found, words, repeats)
    capped = read.filter(capped="yes").select(KEY)
    print(f"loops of {words} words, {repeats} times:")
    for (of_set, model), published in PUBLISHED.items():
        own = given.filter(set=of_set, model=model)
        both = own.filter("given").join(capped, on=KEY).height
        counts = (capped.filter(set=of_set, model=model).height, int(own["given"].sum()), both)
        names = [
            f"{n} {what}" for n, what in zip(counts, ("cut off", "flagged", "both"), strict=True)
        ]
        print(f"  {of_set}, {model}: {', '.join(names)} (published: {published})")
    others = given.join(
        pl.DataFrame(list(PUBLISHED), schema=KEY[:2], orient="row"), on=KEY[:2], how="anti"
    )
    print(f"  elsewhere: {int(others['given'].sum())} of {others.height} flagged")
    judged = read.join(given, on=KEY).with_columns(pl.col("loop") == "yes")
    hits = judged.filter(pl.col("loop") & pl.col("given")).height
    loops, flags = int(judged["loop"].sum()), int(judged["given"].sum())
    print(
        f"  read (n = {judged.height}): recall {hits / loops:.3f} ({hits} of {loops}), "
        f"precision {hits / flags:.3f} ({hits} of {flags})"
    )
    for row in judged.filter(pl.col("loop") != pl.col("given")).iter_rows(named=True):
        print(f"    {row['set']}, {row['model']}, {row['index']}: {row['remark']}")


def main() -> None:
    where = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OVERTHINK_TRACES")
    if not where or not (Path(where) / "response").is_dir():
        print("loops: skipped: no traces (give their folder, or set OVERTHINK_TRACES)")
        return
    found, read = traces(Path(where) / "response"), pl.read_csv(READ)
    for words, repeats in RUNS:
        told(found, read, words, repeats)


if __name__ == "__main__":
    main()
