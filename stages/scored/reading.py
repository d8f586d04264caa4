"""From the transcripts of a file to their scores, in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl

from stages.heuristics.base import Heuristic
from stages.heuristics.scoring import with_prompts
from stages.heuristics.spool import Spool, Spooled
from stages.params.scoring import Scoring
from stages.plans.score import ScorePlan
from stages.transcript.imported import Importer
from stages.transcript.tokenizer import Count
from stages.transcript.transcripts import Transcript, Unreadable

ROWS = 2_000
CHARACTERS = 4 * 2**20
TWO_TOPICS = 40  # rows that one about two topics counts for: judging it takes half a second
CARRIED = ("id", "line", "named_model")
_NAME = "file"


def scored(
    found: Iterable[Transcript | Unreadable],
    folder: Path,
    heuristics: tuple[Heuristic, ...],
    skipped: Callable[[Unreadable], None],
    read: Callable[[int], None],
    count_tokens: Count | None = None,
) -> Spooled:
    """Score every response by the defaults of ``params.yaml``; ``folder`` holds what is found.

    ``skipped`` is told each place that can't be read, ``read`` the number of responses so far;
    ``count_tokens`` counts what the file gives no count of.
    """
    settings = ScorePlan.model_validate(Scoring().model_dump())
    spool, count = Spool(folder, heuristics, settings, CARRIED), 0
    for batch in _batches(_readable(found, skipped)):
        # Only for this batch: what an importer remembers of all prompts grows with the file.
        tables = Importer(_NAME, count_tokens).tables(batch)
        spool.add(
            with_prompts(tables.responses, tables.prompts).with_columns(
                pl.Series("id", [one.id for one in batch], pl.String),
                pl.Series("line", [one.line for one in batch], pl.Int64),
                pl.Series("named_model", [one.model for one in batch], pl.String),
            )
        )
        count += len(batch)
        read(count)
    return spool.finish()


def _readable(
    found: Iterable[Transcript | Unreadable], skipped: Callable[[Unreadable], None]
) -> Iterator[Transcript]:
    for one in found:
        if isinstance(one, Unreadable):
            skipped(one)
        else:
            yield one


def _batches(found: Iterable[Transcript]) -> Iterator[list[Transcript]]:
    """Lists of transcripts that take neither too much memory together nor too long."""
    batch, rows, characters = list[Transcript](), 0, 0
    for one in found:
        batch.append(one)
        rows += TWO_TOPICS if one.topics else 1
        characters += len(one.thinking or "") + len(one.answer or "")
        if rows >= ROWS or characters >= CHARACTERS:
            yield batch
            batch, rows, characters = [], 0, 0
    if batch:
        yield batch
