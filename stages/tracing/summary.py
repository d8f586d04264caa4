"""What a traced run comes to: its figures, and what couldn't be measured and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from stages.files import write_json
from stages.tracing.energy_figures import energy_figures
from stages.tracing.figures import Figure
from stages.tracing.machine_figures import machine_figures
from stages.tracing.process_figures import ProcessFigures
from stages.tracing.run import COMMAND, WATCHED, Run
from stages.tracing.tables import Tables
from stages.tracing.tracer_figures import tracer_figures

SUMMARY = "summary.json"


class Gap(NamedTuple):
    """A lane that the machine doesn't give, or something of it (``subject``, else empty)."""

    lane: str
    subject: str
    reason: str


@dataclass(frozen=True)
class Summary:
    """The run, its length and figures, and what is missing, in order of its names."""

    run: Run
    seconds: float
    figures: list[Figure]
    missing: list[Gap]

    def write(self, folder: Path) -> None:
        """Keep it for programs: a figure that isn't known is null and has a reason."""
        known: dict[str, dict[str, Any]] = {}
        unknown: dict[str, dict[str, str]] = {}
        for figure in self.figures:
            known.setdefault(figure.about, {})[figure.name] = figure.value
            if figure.value is None:
                unknown.setdefault(figure.about, {})[figure.name] = figure.remark
        run = self.run
        found = {
            "command": run.command or None,
            "exit_status": run.status,
            "watched": run.watched,
            "seconds": self.seconds,
            "begin_ns": run.begin_ns,
            "hz": run.hz,
            "fault": run.fault,
            "figures": known,
            "unknown": unknown,
            "missing": [gap._asdict() for gap in self.missing],
        }
        write_json(folder / SUMMARY, found)


def summarise(tables: Tables) -> Summary:
    """The figures of a run from its tables."""
    run = tables.run
    seconds = (tables.end_ns - run.begin_ns) / 1e9
    return Summary(run, seconds, list(_figures(tables)), sorted(set(_missing(tables))))


def _figures(tables: Tables) -> Iterator[Figure]:
    if tables.run.command:
        yield from ProcessFigures(tables, COMMAND).figures()
    if tables.run.watched:
        yield from ProcessFigures(tables, WATCHED).figures()
    yield from machine_figures(tables)
    yield from energy_figures(tables)
    yield from tracer_figures(tables)


def _missing(tables: Tables) -> Iterator[Gap]:
    for event in tables.events:
        if event["kind"] == "lane_missing":
            yield Gap(event["lane"], event["subject"] or "", event["detail"] or "")
