"""What the machine did: the trace in a picture, and distributions of what was read."""

from __future__ import annotations

from stages.reporting import trace_picture
from stages.reporting.markdown import figure as picture
from stages.reporting.markdown import note, table
from stages.reporting.numbers import figure
from stages.reporting.results import Results, Row

_GAUGES = {
    "cpu": "CPU, all cores",
    "memory": "Memory in use",
    "gpu": "GPU",
    "gpu_memory": "GPU memory",
    "disk": "Disk, read and written",
}
_DISTRIBUTION = ("Mean", "5th pct.", "Median", "95th pct.", "Largest", "n")
_WIDTHS = (26, 12, 12, 12, 12, 12, 10)


def machine(results: Results) -> str:
    """The picture of the trace and the gauges of the whole machine."""
    parts = []
    if drawn := trace_picture.draw(results):
        file, shown = drawn
        names = ", ".join(window["model"] for window in shown)
        parts.append(
            picture(
                file,
                "**The trace.** Cores busy and memory around a typical solo response of each "
                "model, shaded by what the model was doing.",
                f"Line charts of cores busy and resident memory over time for {names}, shaded by "
                "phase: reading the prompt, thinking, answering.",
                "timeline_models",
                "timeline",
                "phases",
            )
        )
    rows = results.rows("FROM trace_observations WHERE source IS NULL")
    if not rows:
        return "\n\n".join([*parts, "The hardware wasn’t traced."])
    cells = [(_GAUGES[row["gauge"]], *_distribution(row)) for row in rows]
    missing = [_GAUGES[name] for name in ("gpu", "disk") if all(r["gauge"] != name for r in rows)]
    said = f" Not read on this machine: {', '.join(missing)}." if missing else ""
    parts += [
        table(("Whole machine", *_DISTRIBUTION), cells, _WIDTHS, "lrrrrrr"),
        note(
            "While responses were under way; other programs are in these figures too. n: quarter "
            f"seconds.{said}",
            "trace_observations",
        ),
        *_processes(results),
    ]
    return "\n\n".join(parts)


def _processes(results: Results) -> list[str]:
    """The same of each model's own processes."""
    rows = results.rows("FROM model_observations")
    if not rows:
        return []
    cells = [(f"{results.label(row['model'])} {row['gauge']}", *_distribution(row)) for row in rows]
    on_gpus = ""
    if any(row["gauge"] == "GPU memory" for row in rows):
        on_gpus = (
            " GPU memory is what its processes hold there by the driver’s list, read once a second."
        )
    return [
        table(("A model’s processes", *_DISTRIBUTION), cells, _WIDTHS, "lrrrrrr"),
        note(
            "While one of its responses was under way: cores’ worth of CPU time, and resident "
            "memory, in which files that are mapped into it count once they were touched."
            + on_gpus,
            "model_observations",
        ),
    ]


def _distribution(row: Row) -> tuple[str, ...]:
    names = ("mean", "p05", "median", "p95", "largest")
    return (*(figure(row[name], row["unit"]) for name in names), f"{row['n']:,}")
