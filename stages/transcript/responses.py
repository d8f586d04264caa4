"""From the raw record of a run to its tables ``responses`` and ``chunks``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from stages.columns import frame
from stages.tables import CHUNKS, RESPONSES
from stages.transcript.chunks import Chunk, Piece, pieces
from stages.transcript.shortened import shortened
from stages.transcript.split import Split, split
from stages.transcript.tokens import counted, one_a_chunk, unattributed

STREAM_ROWS = 500_000

_CONVERSATION = ("model", "prompt_id", "epoch", "arm", "test")

_CARRIED = tuple(
    column.name
    for column in RESPONSES
    if column.name
    not in {
        "source",
        "status",
        "reason",
        "thinking",
        "answer",
        "thinking_tokens",
        "answer_tokens",
        "tokens_method",
        "tokens_unattributed",
        "prompt_shortened",
        "first_token_ns",
        "first_answer_ns",
        "thinking_s",
    }
)


class Transcribed(NamedTuple):
    """Rows of the two tables, of the same responses."""

    responses: pl.DataFrame
    chunks: pl.DataFrame


def transcribe(raw: Path, source: str, stream_rows: int = STREAM_ROWS) -> Iterator[Transcribed]:
    """Read ``records.parquet`` and ``stream.parquet`` of ``raw`` in batches, memory staying flat.

    A batch holds whole responses, about ``stream_rows`` chunks of them. The stream must hold the
    chunks of a response together, as they are recorded, and no two responses may have one id, or
    the text of one would pass for the other's: either is a ``ValueError``.
    """
    records = pl.scan_parquet(raw / "records.parquet")
    stream = pl.scan_parquet(raw / "stream.parquet")
    places = (
        stream.with_row_index("row")
        .group_by("response_id")
        .agg(pl.len().alias("chunks"), pl.col("row").min().alias("first"))
        .collect()
    )
    before = pl.col("prompt_tokens").shift().over(_CONVERSATION, order_by="turn")
    ids = records.select("response_id", before.alias("tokens_before")).collect()
    if (twice := ids.filter(pl.col("response_id").is_duplicated())).height:
        raise ValueError(f"{raw / 'records.parquet'} holds response {twice.item(0, 0)} twice")
    found = (
        ids.join(places, on="response_id", how="left", maintain_order="left")
        .sort("first", nulls_last=True, maintain_order=True)
        .with_columns((pl.col("chunks").fill_null(0).cum_sum() // stream_rows).alias("batch"))
    )
    for batch in found.partition_by("batch", maintain_order=True):
        first, length = batch.select(
            pl.col("first").min().fill_null(0), pl.col("chunks").sum()
        ).row(0)
        held = stream.slice(first, length).collect()
        spoken = batch.filter(pl.col("chunks").is_not_null())
        if set(held["response_id"].unique()) != set(spoken["response_id"]):
            raise ValueError(f"{raw / 'stream.parquet'} doesn't hold each response in one piece")
        chosen = records.filter(pl.col("response_id").is_in(batch["response_id"].implode()))
        earlier = batch.select("response_id", "tokens_before")
        yield _batch(chosen.collect().join(earlier, on="response_id", how="left"), held, source)


def _batch(records: pl.DataFrame, stream: pl.DataFrame, source: str) -> Transcribed:
    lists = (
        stream.sort("response_id", "index")
        .group_by("response_id")
        .agg("field", "text", "t_ns", "tokens")
    )
    responses: list[dict[str, Any]] = []
    chunks: list[dict[str, Any]] = []
    joined = records.join(lists, on="response_id", how="left", maintain_order="left")
    for record in joined.iter_rows(named=True):
        response, held = interpret(record, _chunks(record), record["tokens_before"])
        responses.append(response | {"source": source})
        chunks.extend(
            {
                "response_id": record["response_id"],
                "index": index,
                "t_ns": piece.t_ns,
                "part": piece.part,
                "tokens": piece.tokens,
                "characters": piece.characters,
            }
            for index, piece in enumerate(held)
        )
    return Transcribed(frame(responses, RESPONSES), frame(chunks, CHUNKS))


def _chunks(record: Mapping[str, Any]) -> list[Chunk]:
    columns = [record[name] or [] for name in ("field", "text", "t_ns", "tokens")]
    return [Chunk(*values) for values in zip(*columns, strict=True)]


def interpret(
    record: Mapping[str, Any], chunks: list[Chunk], tokens_before: int | None = None
) -> tuple[dict[str, Any], list[Piece]]:
    """One response: its row of ``responses`` (without ``source``), and its pieces in order.

    ``record`` is a row of ``records``, ``chunks`` its stream in order of arrival;
    ``tokens_before`` are the prompt tokens of the turn before, null for a first turn.
    """
    parts = split((chunk.field, chunk.text) for chunk in chunks)
    held = list(pieces(parts, one_a_chunk(chunks, record["output_tokens"])))
    native = bool(chunks) and chunks[-1].field == "thinking"
    status, reason = _status(record["stop"], record["reason"], parts, native)
    # An answer that failed before its first word isn't an empty answer.
    answer = parts.answer if status in ("ok", "truncated") else parts.answer or None
    tokens = counted(held, record["output_tokens"], parts.thinking, answer)
    thinking_ns = next((piece.t_ns for piece in held if piece.part == "thinking"), None)
    answer_ns = next((piece.t_ns for piece in held if piece.part == "answer" and piece.says), None)
    seconds = None
    if parts.thinking is not None and thinking_ns is not None and answer_ns is not None:
        seconds = (answer_ns - thinking_ns) / 1e9
    return {name: record[name] for name in _CARRIED} | {
        "status": status,
        "reason": reason,
        "thinking": parts.thinking,
        "answer": answer,
        "thinking_tokens": tokens.thinking,
        "answer_tokens": tokens.answer,
        "tokens_method": tokens.method,
        "tokens_unattributed": unattributed(
            tokens, record["output_tokens"], parts.thinking, answer
        ),
        "prompt_shortened": shortened(record, tokens_before),
        "first_token_ns": next((piece.t_ns for piece in held if piece.characters), None),
        "first_answer_ns": answer_ns,
        "thinking_s": seconds,
    }, held


def _status(stop: str, reason: str | None, parts: Split, native: bool) -> tuple[str, str | None]:
    """Status and reason; ``native``: the last that came was in the server's field of thinking."""
    if stop not in ("stop", "length"):
        return stop, reason
    if parts.open:
        if stop == "length":
            return "truncated", "thinking cut by a limit (num_predict or num_ctx)"
        where = " or straight after it (the server doesn't say)" if native else ""
        return "truncated", f"the model stopped inside its thinking{where}"
    if stop == "length":
        return "truncated", "answer cut by a limit (num_predict or num_ctx)"
    return "ok", None
