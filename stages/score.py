"""Stage ``score@SOURCE``: the transcripts of a source, and every heuristic on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl

from stages.columns import frame
from stages.errors import UserError, only_argument, run
from stages.heuristics.base import Heuristic
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score, score_columns, with_prompts
from stages.parquet import write_parquet
from stages.plans.score import PromptList, ScorePlan
from stages.tables import CHUNKS, NOTES, PROMPTS, RESPONSES
from stages.transcript.batched import BatchedTable
from stages.transcript.responses import Transcribed, transcribe

DATA = Path("data")
ROWS = 2_000


def main(argv: list[str]) -> None:
    """Write ``data/transcripts/SOURCE/*.parquet`` and ``data/scores/SOURCE[.notes].parquet``."""
    source = only_argument(argv, "SOURCE")
    settings = ScorePlan.read(DATA / "plan/score.json")
    score_source(source, settings, discover())
    scores = pl.read_parquet(DATA / f"scores/{source}.parquet").drop("response_id")
    values = scores.count().sum_horizontal().item()
    print(f"score {source}: {scores.height} responses, {scores.width} columns, {values} values")


def score_source(source: str, settings: ScorePlan, heuristics: Sequence[Heuristic]) -> None:
    """Write the four tables of one source, batch by batch.

    Heuristics of scope ``group`` follow when all rows are there; of the responses they load only
    the columns that they need.
    """
    prompts = _prompts(source)
    by_row = [one for one in heuristics if one.scope == "row"]
    by_group = [one for one in heuristics if one.scope == "group"]
    paths = _Paths(source)
    with ExitStack() as stack:
        tables = [
            stack.enter_context(BatchedTable(path, columns))
            for path, columns in (
                (paths.responses, RESPONSES),
                (paths.chunks, CHUNKS),
                (paths.scores, score_columns(by_row)),
                (paths.notes, NOTES),
            )
        ]
        for batch in _transcripts(source):
            result = score(with_prompts(batch.responses, prompts), settings, by_row)
            for table, rows in zip(tables, (*batch, *result), strict=True):
                table.add(rows)
    if by_group:
        _score_groups(paths, prompts, settings, by_group)


class _Paths:
    """Where the four tables of a source go."""

    def __init__(self, source: str) -> None:
        self.responses = DATA / "transcripts" / source / "responses.parquet"
        self.chunks = DATA / "transcripts" / source / "chunks.parquet"
        self.scores = DATA / "scores" / f"{source}.parquet"
        self.notes = DATA / "scores" / f"{source}.notes.parquet"


def _score_groups(
    paths: _Paths, prompts: pl.DataFrame, settings: ScorePlan, heuristics: Sequence[Heuristic]
) -> None:
    needed = {name for one in heuristics for name in one.needs}
    scores = pl.read_parquet(paths.scores)
    wanted = [column.name for column in RESPONSES if column.name in needed - set(scores.columns)]
    responses = pl.read_parquet(
        paths.responses, columns=list({"response_id", "prompt_id", "turn", *wanted})
    )
    known = with_prompts(responses, prompts).join(
        scores, on="response_id", how="left", maintain_order="left"
    )
    result = score(known, settings, heuristics)
    write_parquet(
        scores.join(result.values, on="response_id", how="left", maintain_order="left"),
        paths.scores,
    )
    write_parquet(pl.concat([pl.read_parquet(paths.notes), result.notes]), paths.notes)


def _prompts(source: str) -> pl.DataFrame:
    """The prompts that the run asks and, of an import, its own."""
    planned = PromptList.read(DATA / "plan/prompts.json")
    prompts = frame([prompt.model_dump() for prompt in planned.prompts], PROMPTS)
    imported = DATA / "imported" / source / "prompts.parquet"
    return pl.concat([prompts, pl.read_parquet(imported)]) if imported.exists() else prompts


def _transcripts(source: str) -> Iterator[Transcribed]:
    for kind in ("responses", "sidebyside"):
        if (DATA / kind / source / "records.parquet").exists():
            yield from transcribe(DATA / kind / source, source)
            return
    imported = DATA / "imported" / source
    if not (imported / "responses.parquet").exists():
        raise UserError(
            f"score: nothing is recorded of {source!r} in {DATA}/responses, {DATA}/sidebyside or "
            f"{DATA}/imported; run generate, sidebyside or import first"
        )
    responses = pl.scan_parquet(imported / "responses.parquet")
    chunks = pl.scan_parquet(imported / "chunks.parquet")
    count = responses.select(pl.len()).collect().item()
    for start in range(0, count, ROWS):
        rows = responses.slice(start, ROWS).collect()
        own = pl.col("response_id").is_in(rows["response_id"].implode())
        yield Transcribed(rows, chunks.filter(own).collect())


if __name__ == "__main__":
    run(main)
