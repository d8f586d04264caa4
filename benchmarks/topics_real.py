"""How the similarity of two topics agrees with people's judgement of how related they are.

Spearman's rank correlation on WiRe (503 pairs of Wikipedia articles), WS-353-REL and MTurk-771
(pairs of words). The pairs aren't part of the project: give the folder that holds them as the
argument or in ``OVERTHINK_RELATEDNESS`` (``wire/WiRe.csv``, ``words/EN-*.txt``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import polars as pl

from stages.heuristics.topic_similarity import similarities
from stages.validating.stance import spearman

RESAMPLES = 2_000


def wire(path: Path) -> pl.DataFrame:
    """``first, second, judged`` of WiRe."""
    title = [pl.col(f"{which}WikiTitle").str.replace_all("_", " ") for which in ("src", "dst")]
    rows = pl.read_csv(path)
    return rows.select(title[0].alias("first"), title[1].alias("second"), judged="relatedness")


def words(path: Path) -> pl.DataFrame:
    """The same of a list of pairs of words."""
    rows = pl.read_csv(path, separator="\t", has_header=False)
    return rows.rename(dict(zip(rows.columns, ("first", "second", "judged"), strict=True)))


def main() -> None:
    """Print each correlation with its interval."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OVERTHINK_RELATEDNESS")
    if given is None:
        print(f"skipped: no folder of judged pairs was given; see {Path(__file__).name}")
        return
    folder = Path(given)
    lists = [folder / "wire/WiRe.csv", *sorted((folder / "words").glob("EN-*.txt"))]
    for path in lists:
        if not path.is_file():
            print(f"skipped: {path} isn't there")
            continue
        pairs = wire(path) if path.suffix == ".csv" else words(path)
        found = np.array(similarities(pairs.select("first", "second").rows()))  # type: ignore[arg-type]
        judged = pairs["judged"].cast(pl.Float64).to_numpy()
        random = np.random.default_rng(0)
        drawn = [
            spearman(found[places], judged[places])
            for places in (random.integers(0, len(found), len(found)) for _ in range(RESAMPLES))
        ]
        low, high = np.quantile(drawn, (0.025, 0.975))
        print(
            f"{path.stem}: Spearman {spearman(found, judged):.3f} "
            f"({low:.3f} to {high:.3f}, n = {len(found)})"
        )


if __name__ == "__main__":
    main()
