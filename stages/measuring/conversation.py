"""One conversation with one model: what comes next, what it was asked, what came back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from stages.engines.protocol import Chunk, Message, Outcome, Request, Running, Serving
from stages.journal.entry import Summary
from stages.journal.recording import Recording
from stages.manifest import Manifest, Missing
from stages.measuring.spoken import spoken
from stages.measuring.unit_id import member_id, unit_id
from stages.plans.units import Asking, Unit
from stages.thinking import thinking_mode

Row = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """What a conversation's records share: who is asked, how, and beside whom.

    ``serving`` is null for a model that couldn't be had. ``roster`` lists the members of a
    side-by-side test (see ``unit_id.py``); it is empty for a solo run.
    """

    asking: Asking
    manifest: Manifest | Missing
    serving: Serving | None
    arm: str
    test: str | None = None
    roster: Sequence[str] = ()
    carry_thinking: bool = False

    @property
    def member(self) -> str:
        """What answers, whatever its key."""
        return member_of(self.asking, self.manifest, self.serving)

    @property
    def options(self) -> Row:
        """Every option that goes with each request."""
        return self.serving.options if self.serving else self.asking.options.model_dump()


def member_of(asking: Asking, entry: Manifest | Missing, serving: Serving | None) -> str:
    """The identity of one model as it is asked."""
    manifest = entry if isinstance(entry, Manifest) else None
    return member_id(
        engine=entry.engine,
        weights_digest=manifest.weights_digest if manifest else None,
        template_hash=manifest.template_hash if manifest else None,
        options=serving.options if serving else asking.options.model_dump(),
        place=serving.place if serving else None,
        settings_hash=manifest.settings_hash if manifest else None,
    )


@dataclass
class Asked:
    """One response: its row of ``records``, which has its ``response_id`` later, and its stream."""

    unit_id: str
    member: str
    record: Row
    recording: Recording = field(default_factory=Recording)

    @property
    def finished(self) -> bool:
        """Whether it ended by itself or by a limit that was asked for."""
        return self.record["stop"] in ("stop", "length") or self.timed_out

    @property
    def timed_out(self) -> bool:
        """Whether it had all of ``timeout_s``: a finding, not a fault."""
        return (self.record["stop"], self.record["fault"]) == ("timeout", "deadline")

    def summary(self) -> Summary:
        """The journal's words for it."""
        named = Summary.model_fields.keys() - {"unit", "member"}
        facts = {name: self.record.get(name) for name in named}
        return Summary(unit=self.unit_id, member=self.member, **facts)


def all_finished(responses: Sequence[Asked]) -> bool:
    """Whether what is kept together is finished.

    Turns that weren't asked because an earlier one had all of ``timeout_s`` don't change that:
    another time would only find the same.
    """
    late = {asked.record["model"] for asked in responses if asked.timed_out}
    return all(
        asked.finished or (asked.record["stop"] == "refused" and asked.record["model"] in late)
        for asked in responses
    )


class Conversation:
    """One unit asked of one model, turn after turn.

    A later turn carries the earlier answers: without their thinking, as chat front ends do, unless
    the setting says otherwise. After a turn that failed the rest can't be asked.
    """

    def __init__(self, setting: Setting, unit: Unit) -> None:
        self.setting, self.unit = setting, unit
        self._messages: list[Message] = []
        self._turn = 0
        self._failed: str | None = None
        self._next()

    @property
    def done(self) -> bool:
        """Whether no turn is left."""
        return self._turn > len(self.unit.turns)

    @property
    def failed(self) -> str | None:
        """Why the next turn can't be asked; null where it can."""
        return self._failed

    @property
    def unit_id(self) -> str:
        """The identity of the turn that comes next."""
        return unit_id(
            member=self.setting.member,
            messages=self._messages,
            seed=self.unit.seed,
            epoch=self.unit.epoch,
            arm=self.setting.arm,
            roster=self.setting.roster,
            turn=self._turn,
        )

    def ask(
        self,
        running: Running,
        session_id: str,
        tries: int,
        held: list[str] | None,
        *,
        patient: bool = False,
    ) -> Asked:
        """Ask the next turn, once. The conversation doesn't move on.

        ``held`` is what the model's server had in memory just before; ``patient`` as in
        ``Request``.
        """
        asked = Asked(self.unit_id, self.setting.member, {})
        times: Row = {"started_at": datetime.now(UTC), "request_ns": time.monotonic_ns()}
        request = Request(self._messages, self.unit.seed, patient)
        outcome = running.ask(request, asked.recording.add)
        times["end_ns"] = time.monotonic_ns()
        version = running.engine_version
        asked.record = self._record(outcome, session_id, version, tries) | times
        asked.record["also_held"] = _others(running.name, held, running.held())
        return asked

    def refused(self, reason: str, session_id: str | None) -> Asked:
        """A row for the next turn that says why it wasn't asked."""
        record = self._record(Outcome("refused", reason), session_id, None, 0)
        return Asked(self.unit_id, self.setting.member, record)

    def answered(self, stop: str, chunks: Iterable[Chunk]) -> None:
        """Go on to the next turn, with what came back."""
        if stop not in ("stop", "length"):
            self._failed = self._failed or f"turn {self._turn} of the conversation failed"
        if self._turn < len(self.unit.turns):
            text = spoken(chunks, self.setting.carry_thinking)
            self._messages = [*self._messages, {"role": "assistant", "content": text}]
        self._next()

    def _next(self) -> None:
        self._turn += 1
        if self.done:
            self._messages = []  # thousands of finished conversations are a lot of text
        else:
            text = self.unit.turns[self._turn - 1]
            self._messages = [*self._messages, {"role": "user", "content": text}]

    def _record(
        self, outcome: Outcome, session_id: str | None, version: str | None, tries: int
    ) -> Row:
        setting, entry = self.setting, self.setting.manifest
        manifest = entry if isinstance(entry, Manifest) else None
        return {
            "model": setting.asking.key,
            "prompt_id": self.unit.prompt_id,
            "epoch": self.unit.epoch,
            "arm": setting.arm,
            "test": setting.test,
            "turn": self._turn,
            "seed": self.unit.seed,
            "messages": json.dumps(self._messages, ensure_ascii=False),
            "options": json.dumps(setting.options, sort_keys=True),
            "thinking_mode": thinking_mode(setting.asking.think, entry),
            "session_id": session_id,
            "engine": entry.engine,
            "engine_version": version,
            "weights_digest": manifest.weights_digest if manifest else None,
            "template_hash": manifest.template_hash if manifest else None,
            "tries": tries,
            **vars(outcome),
        }


def _others(name: str, *held: list[str] | None) -> list[str] | None:
    """What is held beside ``name`` at any of these moments; null where one of them is unknown."""
    known = [names for names in held if names is not None]
    return sorted({*chain(*known)} - {name}) if len(known) == len(held) else None
