"""Stage ``score@SOURCE``: the transcripts of a source, and every heuristic on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from stages.columns import frame
from stages.errors import UserError, only_argument, run
from stages.heuristics.base import Heuristic
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score_columns, with_prompts
from stages.heuristics.spool import Spool
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
    scores = pl.scan_parquet(DATA / f"scores/{source}.parquet").select(pl.all().count())
    count, *values = scores.collect().row(0)
    print(f"score {source}: {count} responses, {len(values)} columns, {sum(values)} values")


def score_source(source: str, settings: ScorePlan, heuristics: Sequence[Heuristic]) -> None:
    """Write the four tables of one source, batch by batch.

    Heuristics of scope ``group`` follow when all rows are there.
    """
    prompts, paths = _prompts(source), _Paths(source)
    paths.scores.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=paths.scores.parent, prefix=f".{source}.") as folder:
        spool = Spool(Path(folder), heuristics, settings)
        with (
            BatchedTable(paths.responses, RESPONSES) as responses,
            BatchedTable(paths.chunks, CHUNKS) as chunks,
        ):
            for batch in _transcripts(source):
                spool.add(with_prompts(batch.responses, prompts))
                responses.add(batch.responses)
                chunks.add(batch.chunks)
        with (
            BatchedTable(paths.scores, score_columns(heuristics)) as scores,
            BatchedTable(paths.notes, NOTES) as notes,
        ):
            for result in spool.finish():
                scores.add(result.values)
                notes.add(result.notes)


class _Paths:
    """Where the four tables of a source go."""

    def __init__(self, source: str) -> None:
        self.responses = DATA / "transcripts" / source / "responses.parquet"
        self.chunks = DATA / "transcripts" / source / "chunks.parquet"
        self.scores = DATA / "scores" / f"{source}.parquet"
        self.notes = DATA / "scores" / f"{source}.notes.parquet"


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
