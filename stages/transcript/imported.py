"""From read transcripts to the tables ``responses``, ``chunks`` and ``prompts``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from stages.columns import frame
from stages.tables import CHUNKS, PROMPTS, RESPONSES
from stages.transcript.tokenizer import Count
from stages.transcript.tokens import Tokens, counted_with, estimated, shared_out
from stages.transcript.transcripts import Transcript


class Imported(NamedTuple):
    """The tables of a batch. ``prompts`` holds those that no batch before it had."""

    responses: pl.DataFrame
    chunks: pl.DataFrame
    prompts: pl.DataFrame


@dataclass
class Importer:
    """Makes tables from transcripts, batch by batch; ``name`` is the import's.

    A prompt's id is ``NAME/ID``. Where an id comes again with another prompt or other facts, its
    line is added (``NAME/ID@LINE``): the facts of one must not pass for those of the other. A
    response's id is ``NAME/LINE``. Tokens that the file doesn't give by part are counted with
    ``count``, whatever the whole is said to be, else estimated.
    """

    name: str
    count: Count | None = None
    _seen: dict[str, int] = field(default_factory=dict)

    def tables(self, batch: Iterable[Transcript]) -> Imported:
        """The rows of one batch. What no transcript can say (times, options, …) is null."""
        responses: list[dict[str, Any]] = []
        chunks: list[dict[str, Any]] = []
        prompts: list[dict[str, Any]] = []
        for one in batch:
            prompt_id, is_new = self._prompt_id(one)
            if is_new:
                prompts.append(_prompt(one, prompt_id, self.name))
            response = _response(one, prompt_id, self.name, self.count)
            responses.append(response)
            chunks.extend(_parts(response))
        return Imported(frame(responses, RESPONSES), frame(chunks, CHUNKS), frame(prompts, PROMPTS))

    def _prompt_id(self, one: Transcript) -> tuple[str, bool]:
        facts = hash((one.turns, one.topics, one.truth, one.reference))
        prompt_id = f"{self.name}/{one.id}"
        if self._seen.get(prompt_id, facts) != facts:
            prompt_id = f"{prompt_id}@{one.line}"
        is_new = prompt_id not in self._seen
        self._seen[prompt_id] = facts
        return prompt_id, is_new


def _prompt(one: Transcript, prompt_id: str, name: str) -> dict[str, Any]:
    return {
        "prompt_id": prompt_id,
        "set": name,
        "turns": list(one.turns),
        "topics": list(one.topics) if one.topics else None,
        "truth": one.truth,
        "reference": list(one.reference) if one.reference else None,
        "pair": None if one.pair is None else f"{name}/{one.pair}",
        "reconstructed": False,
    }


def _response(one: Transcript, prompt_id: str, name: str, count: Count | None) -> dict[str, Any]:
    status, reason = "ok", None
    if one.error is not None:
        status, reason = "error", one.error
    elif one.open:
        status, reason = "truncated", "the thinking never ended"
    elif one.cut:
        status, reason = "truncated", "the answer was cut by a limit"
    tokens = _tokens(one, count)
    return {
        "response_id": f"{name}/{one.line}",
        "source": name,
        "model": one.model or name,
        "prompt_id": prompt_id,
        "epoch": one.epoch,
        "arm": "imported",
        "turn": len(one.turns),
        "status": status,
        "reason": reason,
        "thinking": one.thinking,
        "answer": one.answer,
        "output_tokens": one.output_tokens,
        "thinking_tokens": tokens.thinking,
        "answer_tokens": tokens.answer,
        "tokens_method": tokens.method,
        "thinking_s": one.thinking_s,
    }


def _tokens(one: Transcript, count: Count | None) -> Tokens:
    whole, thinking = one.output_tokens, one.thinking_tokens
    if whole is not None and thinking is not None and one.answer_tokens is None:
        if one.answer is None:
            return Tokens(thinking, None, "engine")
        return Tokens(thinking, max(0, whole - thinking), "engine")
    if thinking is not None or one.answer_tokens is not None:
        # Figures in the file are somebody's: how they were counted, it doesn't say.
        return Tokens(thinking, one.answer_tokens, None)
    if whole is not None and not (count and one.thinking and one.answer):
        return shared_out(whole, one.thinking, one.answer)
    if count:
        return counted_with(count, one.thinking, one.answer)
    return estimated(one.thinking, one.answer)


def _parts(response: dict[str, Any]) -> list[dict[str, Any]]:
    said = [part for part in ("thinking", "answer") if response[part]]
    return [
        {
            "response_id": response["response_id"],
            "index": index,
            "part": part,
            "tokens": response[f"{part}_tokens"],
            "characters": len(response[part]),
        }
        for index, part in enumerate(said)
    ]
