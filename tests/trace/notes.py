"""A place for the events that a lane notes."""

from __future__ import annotations

from typing import NamedTuple


class Noted(NamedTuple):
    kind: str
    lane: str
    subject: str | None
    value: float | None
    detail: str | None


class Notes(list[Noted]):
    """Called like ``Sampler.note``; keeps what it was told."""

    def __call__(
        self, kind: str, lane: str, subject: str | None, value: float | None, detail: str | None
    ) -> None:
        self.append(Noted(kind, lane, subject, value, detail))
