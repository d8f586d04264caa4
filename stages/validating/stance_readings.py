"""Keeps what the reader made of the labelled texts, so that it needn't read them in every run.

``python -m stages.validating.stance_readings`` writes ``data/labels/stance_readings.parquet``: it
reads the texts that aren't in it, or all with ``--all``, some minutes. With ``--directions`` it
first finds the directions anew (``stages/heuristics/stance_directions.json``), which changes every
reading and every weight. ``validate`` reads some texts again and fails where they differ.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from stages.errors import RunFailed
from stages.heuristics import stance_read
from stages.heuristics.stance_read import COUNT, DIRECTIONS, Known, Steps, Text
from stages.reading.reader import DIGEST, LAYERS, default_reader
from stages.validating import stance_paraphrased
from stages.validating.stance_material import read_labels, read_of

READINGS = Path("data/labels/stance_readings.parquet")
AGAIN = 6
"""Texts that are read again to check the kept readings."""

_NEAR = 3  # steps that the readings of two machines may differ by
_SPREAD = 0.3
_DIGITS = 4


def kept() -> dict[bytes, Steps]:
    """The kept readings by digest; none where the file isn't there."""
    if not READINGS.exists():
        return {}
    held = pl.read_parquet(READINGS)
    return {
        name: np.frombuffer(steps, dtype=np.int8).reshape(-1, COUNT)
        for name, steps in held.select("digest", "steps").iter_rows()
    }


def check(texts: Iterable[Text], known: Known) -> None:
    """``RunFailed`` where some of the kept readings, read again, are others.

    Which ones is told by their digests, so another few are read wherever labels change.
    """
    held = sorted((one for one in texts if one.digest() in known), key=Text.digest)
    for text in held[:AGAIN]:
        apart = np.abs(stance_read.read(text).astype(int) - known[text.digest()])
        if apart.max(initial=0) > _NEAR:
            raise RunFailed(
                f"{READINGS} doesn't hold what the reader makes of {text.pieces[0][:60]!r}: "
                f"{apart.max()} steps apart; run python -m stages.validating.stance_readings --all"
            )


def main(argv: list[str] | None = None) -> None:
    """Write the readings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="read every text again")
    parser.add_argument("--directions", action="store_true", help="find the directions anew")
    asked = parser.parse_args(argv)
    labels, phrases = read_labels()
    learned = read_of(labels.filter("seen"), phrases)
    others = [*read_of(labels.filter(~pl.col("seen")), phrases), *stance_paraphrased.read_of()]
    found: dict[bytes, Steps] = {} if asked.all or asked.directions else kept()
    if asked.directions:
        states = {text.digest(): _states(text) for text in _shown(learned, {})}
        mean, along = _directions(np.concatenate(list(states.values())))
        DIRECTIONS.write_text(_as_text(mean, along), encoding="utf-8")
        stance_read.directions.cache_clear()
        places = stance_read.directions()
        found = {name: stance_read.steps_of(one, *places) for name, one in states.items()}
    texts = [*learned, *others]
    for text in _shown(texts, found):
        found[text.digest()] = stance_read.read(text)
    wanted = sorted({text.digest() for text in texts})
    held = [found[name].tobytes() for name in wanted]
    schema = {"digest": pl.Binary, "steps": pl.Binary}
    pl.DataFrame({"digest": wanted, "steps": held}, schema=schema).write_parquet(READINGS)


def _shown(texts: Iterable[Text], found: Known) -> Iterable[Text]:
    """The texts that aren't found, each once, with the progress on standard error."""
    asked = list({one.digest(): one for one in texts if one.digest() not in found}.values())
    for number, text in enumerate(asked, start=1):
        yield text
        if number % 50 == 0 or number == len(asked):
            print(f"read {number:,} of {len(asked):,} texts", file=sys.stderr, flush=True)


def _states(text: Text) -> npt.NDArray[np.float32]:
    return default_reader().read(text.opening, text.pieces)


def _directions(
    states: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The mean, and the principal components of the standardised states, greatest first.

    Each is scaled so that the states spread by ``_SPREAD`` along it, and points to where its
    greatest part is positive.
    """
    values = states.astype(np.float64)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    standard = (values - mean) / spread
    sizes, vectors = np.linalg.eigh(standard.T @ standard / len(standard))
    along = vectors[:, ::-1][:, :COUNT].T
    along *= np.sign(along[np.arange(COUNT), np.abs(along).argmax(axis=1)])[:, None]
    scale = _SPREAD / np.sqrt(sizes[::-1][:COUNT])
    return mean, along * scale[:, None] / spread


def _as_text(mean: npt.NDArray[np.float64], along: npt.NDArray[np.float64]) -> str:
    """JSON with a direction a line."""

    def numbers(row: Any) -> str:
        return json.dumps([float(f"{one:.{_DIGITS}g}") for one in row])

    rows = ",\n".join(
        f'    "{name}": {numbers(row)}'
        for name, row in zip(stance_read.FEATURES, along, strict=True)
    )
    return (
        f'{{\n  "weights": "{DIGEST}",\n  "layer": {LAYERS},\n  "mean": {numbers(mean)},\n'
        f'  "directions": {{\n{rows}\n  }}\n}}\n'
    )


if __name__ == "__main__":
    main()
