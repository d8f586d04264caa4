"""What the tracing itself cost, and how well it kept its pace."""

from __future__ import annotations

from collections.abc import Iterator

from stages.tracing.figures import Figure, figure
from stages.tracing.tables import Tables

_ABOUT = "tracer"


def tracer_figures(tables: Tables) -> Iterator[Figure]:
    """From what the sampler noted when it ended."""
    noted = {
        (event["kind"], event["subject"]): event["value"]
        for event in tables.events
        if event["kind"] in ("cost", "ticks", "late", "missed")
    }
    reason = "the tracer didn't end in order"
    cpu, ticks = noted.get(("cost", "cpu")), noted.get(("ticks", None))
    # Of its own life, which begins before the run: it has to load first.
    remark = "of one core, its start included"
    yield figure(_ABOUT, "cpu_s", "tracer's CPU time", cpu, "s", remark, reason=reason)
    memory = noted.get(("cost", "memory"))
    value = None if memory is None else int(memory)
    yield figure(_ABOUT, "memory_peak_bytes", "tracer's memory", value, "bytes", reason=reason)
    made = None if ticks is None else int(ticks)
    late, missed = noted.get(("late", None), 0), noted.get(("missed", None), 0)
    remark = f"{late:.0f} late, {missed:.0f} missed"
    yield figure(_ABOUT, "readings", "readings", made, "", remark, reason=reason)
