"""One entry of the journal, on one line: what was asked, how it ended, and the raw streams.

A line's text is ``HEAD<tab>BODY``, both JSON (which has no raw tab). The head says what the entry
can answer; opening a journal reads heads only. An entry holds one response or, side by side, those
of a whole roster: they are kept together or not at all.

``VERSION`` is the format. Whoever changes it keeps a reader for what has been written before:
``read_head`` and ``read_body`` choose by the head's ``v``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from stages.journal.recording import Recording, Stream, whole
from stages.sealed import line

VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Summary(_Part):
    """One response of an entry.

    ``unit`` identifies what was asked; ``member`` tells which of a roster it is, whatever its key.
    """

    unit: str
    member: str
    model: str
    prompt_id: str
    test: str | None
    arm: str
    epoch: int
    turn: int
    stop: str
    engine_version: str | None
    output_tokens: int | None
    started_at: AwareDatetime | None


class Head(_Part):
    """What an entry answers, and under which conditions it was recorded.

    ``key`` is the identity of what was asked; ``finished`` that every response ended by itself or
    by a limit that was asked for, or follows one that had all of ``timeout_s``. ``hardware`` is the
    machine in words. ``timed_out`` responses count only where no more time is allowed than the
    ``timeout_s`` that they had (s), and only until they are asked for again (``mark``).
    """

    v: Literal[1] = VERSION
    key: str
    session_id: str
    finished: bool
    timed_out: bool
    hardware: str
    mark: str | None
    timeout_s: float
    responses: list[Summary]


class Answer(_Part):
    """A response's row of ``records`` (``stages/records.py``) and its stream."""

    record: dict[str, Any]
    stream: Stream


class _Body(_Part):
    responses: list[Answer]


@dataclass(frozen=True)
class Newer:
    """An entry, or a session's beginning, that a later version of this program wrote."""

    version: int


class Unreadable(Exception):  # noqa: N818 (it names a state of the bytes)
    """The bytes aren't what was written."""


def encode(head: Head, responses: Sequence[tuple[dict[str, Any], Recording]]) -> bytes:
    """The line of an entry. It starts with a newline: a torn line before it can't swallow it."""
    body = ",".join(
        f'{{"record":{_json(record)},"stream":{recording.columns()}}}'
        for record, recording in responses
    )
    return b"\n" + line(f'{head.model_dump_json()}\t{{"responses":[{body}]}}')


def read_head(payload: bytes) -> Head | Newer:
    """The head of a line's text. Raises ``Unreadable``."""
    text = payload.partition(b"\t")[0]
    try:
        return Head.model_validate_json(text)
    except ValidationError as error:
        if (newer := newer_than_this(text)) is not None:
            return newer
        raise Unreadable(f"{error.error_count()} fields of its head are wrong") from None


def read_body(payload: bytes) -> list[Answer]:
    """The responses of a line's text, in the order of the head's. Raises ``Unreadable``."""
    try:
        answers = _Body.model_validate_json(payload.partition(b"\t")[2]).responses
        for answer in answers:
            answer.stream.columns()
            if answer.record.get("started_at") is not None:
                moment = datetime.fromisoformat(answer.record["started_at"])
                answer.record["started_at"] = moment
    except (ValueError, TypeError) as error:
        raise Unreadable(str(error)) from None
    return answers


def newer_than_this(text: bytes) -> Newer | None:
    """Whether JSON text says that it is of a later version."""
    try:
        version = json.loads(text)["v"]
    except (ValueError, TypeError, KeyError):
        return None
    return Newer(version) if isinstance(version, int) and version > VERSION else None


def _json(record: dict[str, Any]) -> str:
    plain = {
        name: whole(value) if isinstance(value, str) else value for name, value in record.items()
    }
    return json.dumps(plain, default=_moment, separators=(",", ":"))


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
