"""Every heuristic on any number of responses, with a batch of them in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from stages.columns import schema
from stages.heuristics.base import Heuristic, Result
from stages.heuristics.scoring import score, score_columns
from stages.parquet import disk_faults
from stages.plans.score import ScorePlan
from stages.tables import NOTES

_LARGEST = 8 * 2**20  # bytes of text that are scored at once


@dataclass(frozen=True)
class Spooled:
    """Scores and notes of all responses, on the disk; ``batches`` are the parts' names in order.

    ``columns`` are those that were carried along, ``response_id`` and the scores.
    """

    folder: Path
    batches: tuple[str, ...]
    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[Result]:
        """Batch by batch, in the order in which they were added."""
        for batch in self.batches:
            values = pl.read_parquet(self.folder / f"{batch}.parquet")
            notes = sorted(self.folder.glob(f"{batch}.notes.*"))
            yield Result(values.select(self.columns), pl.concat(map(pl.read_parquet, notes)))

    @property
    def values(self) -> pl.LazyFrame:
        """All scores; only where there is a batch."""
        paths = [self.folder / f"{batch}.parquet" for batch in self.batches]
        return pl.scan_parquet(paths).select(self.columns)

    @property
    def notes(self) -> pl.LazyFrame:
        """All notes, in no order."""
        paths = sorted(self.folder.glob("*.notes.*"))
        return pl.scan_parquet(paths) if paths else schema(NOTES).to_frame().lazy()


class Spool:
    """Scores what is added, as far as a row suffices, and keeps that in ``folder``.

    What depends on other responses follows in ``finish``, when all are there. The texts aren't
    kept, only the columns that are still needed and those that ``carried`` names.
    """

    def __init__(
        self,
        folder: Path,
        heuristics: Sequence[Heuristic],
        settings: ScorePlan,
        carried: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._levels = levels(heuristics)
        self._carried = tuple(carried)
        self._columns = tuple(column.name for column in score_columns(heuristics))
        self._batches: list[str] = []

    def add(self, known: pl.DataFrame) -> None:
        """Add responses: a frame of ``with_prompts``, and the carried columns."""
        later = {need for level in self._levels[1:] for one in level for need in one.needs}
        for rows in _slices(known):
            result = score(rows, self._settings, self._levels[0])
            kept = [
                name
                for name in rows.columns
                if name in later | set(self._carried) and name not in result.values.columns
            ]
            batch = f"{len(self._batches):06}"
            self._write(rows.select(kept).hstack(result.values), f"{batch}.parquet")
            self._write(result.notes, f"{batch}.notes.0")
            self._batches.append(batch)

    def finish(self) -> Spooled:
        """Add what depends on other responses; nothing can be added after that."""
        spooled = Spooled(self._folder, tuple(self._batches), self._carried + self._columns)
        for number, level in enumerate(self._levels[1:] if self._batches else [], start=1):
            paths = [self._folder / f"{batch}.parquet" for batch in self._batches]
            rows = pl.scan_parquet(paths)
            ready = [_by_batch(one, rows, self._settings) for one in level]
            for batch, path in zip(self._batches, paths, strict=True):
                known = pl.read_parquet(path, memory_map=False)
                result = score(known, self._settings, ready)
                self._write(known.hstack(result.values.drop("response_id")), path.name)
                self._write(result.notes, f"{batch}.notes.{number}")
        return spooled

    def _write(self, table: pl.DataFrame, name: str) -> None:
        path = self._folder / name
        with disk_faults(path):
            table.write_parquet(path, compression="lz4", statistics=False)


def levels(heuristics: Iterable[Heuristic]) -> list[list[Heuristic]]:
    """The heuristics, in the order given, by how often all rows must be there before them.

    The first need a row at a time; those after them the whole, with the scores of all before.
    """
    level: dict[str, int] = {}
    ordered = list(heuristics)
    for one in ordered:
        above = max((level.get(name, 0) for name in one.requires), default=0)
        level[one.name] = above + (one.scope == "group")
    count = max(level.values(), default=0) + 1
    return [[one for one in ordered if level[one.name] == number] for number in range(count)]


def _by_batch(heuristic: Heuristic, rows: pl.LazyFrame, settings: ScorePlan) -> Heuristic:
    """The heuristic, able to judge a batch of ``rows`` by what all of them say."""
    if heuristic.scope == "row":
        return heuristic
    needed = rows.select("response_id", *heuristic.needs)
    if heuristic.batched is None:
        return _looked_up(heuristic, needed.collect(), settings)
    judge = heuristic.batched.judge
    gathered = heuristic.batched.gather(needed).collect(engine="streaming")
    return replace(heuristic, compute=lambda batch, settings: judge(batch, gathered, settings))


def _looked_up(heuristic: Heuristic, rows: pl.DataFrame, settings: ScorePlan) -> Heuristic:
    """The heuristic, computed on all rows, from which each batch takes its own."""
    whole = heuristic.compute(rows, settings)
    values = rows.select("response_id").hstack(whole.values)

    def compute(batch: pl.DataFrame, _settings: ScorePlan) -> Result:
        own = batch.select("response_id")
        found = own.join(values, on="response_id", how="left", maintain_order="left")
        notes = own.join(whole.notes, on="response_id", maintain_order="left")
        return Result(found.drop("response_id"), notes)

    return replace(heuristic, compute=compute)


def _slices(known: pl.DataFrame) -> list[pl.DataFrame]:
    """The responses in batches of so much text."""
    octets = [
        pl.col(name).str.len_bytes().fill_null(0)
        for name in ("thinking", "answer")
        if name in known.columns
    ]
    batch = pl.sum_horizontal(pl.lit(0, pl.UInt64), *octets).cum_sum() // _LARGEST
    return known.with_columns(batch.alias("slice")).partition_by(
        "slice", maintain_order=True, include_key=False
    )
