"""One conversation with one model: turn after turn, each an id, a record and its raw stream."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stages.engines.protocol import Chunk, Message, Outcome, Request, Running
from stages.manifest import Manifest, Missing
from stages.measuring.spoken import spoken
from stages.measuring.unit_id import unit_id
from stages.plans.units import Asking, Unit
from stages.thinking import thinking_mode

Row = dict[str, Any]
Add = Callable[[Row, list[Row]], None]


@dataclass(frozen=True)
class Setting:
    """What a conversation's records share: who is asked, where, and beside whom."""

    asking: Asking
    manifest: Manifest | Missing
    session_id: str
    arm: str
    test: str | None = None
    roster: Sequence[str] = ()  # key and weights of all that run at the same time


def hold(
    setting: Setting,
    unit: Unit,
    running: Running,
    add: Add,
    retries: int,
    before_turn: Callable[[], object] = lambda: None,
) -> None:
    """Ask every turn of ``unit`` and ``add`` a record and a stream for each.

    A later turn carries the earlier answers without their thinking, as chat front ends do. After a
    failed turn the rest can't be asked: each gets a row that says so. An error is tried again
    ``retries`` times. ``before_turn`` is called
    before each turn, asked or not (side by side, all models wait there for each other).
    """
    messages: list[Message] = []
    failed: str | None = None
    for turn, text in enumerate(unit.turns, start=1):
        messages = [*messages, {"role": "user", "content": text}]
        before_turn()
        if failed is not None:
            add(
                _record(
                    setting,
                    unit,
                    turn,
                    messages,
                    running.options,
                    running.engine_version,
                    _refused(failed),
                ),
                [],
            )
            continue
        times, outcome, chunks = _ask(running, Request(messages, unit.seed), retries)
        record = (
            _record(setting, unit, turn, messages, running.options, running.engine_version, outcome)
            | times
        )
        add(record, _stream(record["response_id"], chunks))
        if outcome.stop not in ("stop", "length"):
            failed = f"turn {turn} of the conversation failed"
        messages = [*messages, {"role": "assistant", "content": spoken(chunks)}]


def refuse(setting: Setting, unit: Unit, options: Row, reason: str, add: Add) -> None:
    """Rows for a conversation that can't be held at all."""
    messages: list[Message] = []
    for turn, text in enumerate(unit.turns, start=1):
        messages = [*messages, {"role": "user", "content": text}]
        add(_record(setting, unit, turn, messages, options, None, _refused(reason)), [])


def _ask(running: Running, request: Request, retries: int) -> tuple[Row, Outcome, list[Chunk]]:
    """Ask once, and again after an error; what the last try streamed is kept."""
    for tried in range(retries + 1):
        if tried:
            time.sleep(random.uniform(0.5, 1.0) * 2**tried)
        chunks: list[Chunk] = []
        times: Row = {"started_at": datetime.now(UTC), "request_ns": time.monotonic_ns()}
        outcome = running.ask(request, chunks.append)
        times["end_ns"] = time.monotonic_ns()
        if outcome.stop != "error":
            break
    return times, outcome, chunks


def _refused(reason: str) -> Outcome:
    return Outcome(stop="refused", reason=reason)


def _record(
    setting: Setting,
    unit: Unit,
    turn: int,
    messages: list[Message],
    options: Row,
    version: str | None,
    outcome: Outcome,
) -> Row:
    manifest = setting.manifest
    weights = manifest.weights_digest if isinstance(manifest, Manifest) else None
    template = manifest.template_hash if isinstance(manifest, Manifest) else None
    identity = unit_id(
        weights_digest=weights,
        template_hash=template,
        model=setting.asking.key,
        prompt_id=unit.prompt_id,
        test=setting.test,
        messages=messages,
        options=options,
        seed=unit.seed,
        epoch=unit.epoch,
        arm=setting.arm,
        roster=setting.roster,
        turn=turn,
    )
    return {
        "response_id": identity,
        "model": setting.asking.key,
        "prompt_id": unit.prompt_id,
        "epoch": unit.epoch,
        "arm": setting.arm,
        "test": setting.test,
        "turn": turn,
        "seed": unit.seed,
        "messages": json.dumps(messages, ensure_ascii=False),
        "options": json.dumps(options, sort_keys=True),
        "thinking_mode": thinking_mode(setting.asking.think, manifest),
        "session_id": setting.session_id,
        "engine": manifest.engine,
        "engine_version": version,
        "weights_digest": weights,
        "template_hash": template,
        "reused": False,
        **vars(outcome),
    }


def _stream(response_id: str, chunks: list[Chunk]) -> list[Row]:
    return [
        {"response_id": response_id, "index": index, **vars(chunk)}
        for index, chunk in enumerate(chunks)
    ]
