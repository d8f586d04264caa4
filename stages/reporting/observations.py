"""What the machine did: the trace in a picture, and the cost of each phase of a response."""

from __future__ import annotations

from stages.reporting import figures, trace_picture
from stages.reporting.escape import inline
from stages.reporting.markdown import figure as picture
from stages.reporting.markdown import note, table
from stages.reporting.numbers import figure, measured
from stages.reporting.results import Results

_GAUGES = {
    "cpu": "CPU, all cores",
    "memory": "Memory in use",
    "gpu": "GPU",
    "gpu_memory": "GPU memory",
    "disk": "Disk, read and written",
}


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
    cells = [
        (_GAUGES[row["gauge"]], *(figure(row[name], row["unit"]) for name in
         ("mean", "p05", "median", "p95", "largest")), f"{row['n']:,}")
        for row in rows
    ]  # fmt: skip
    header = ("Whole machine", "Mean", "5th pct.", "Median", "95th pct.", "Largest", "n")
    missing = [_GAUGES[name] for name in ("gpu", "disk") if all(r["gauge"] != name for r in rows)]
    said = f" Not read on this machine: {', '.join(missing)}." if missing else ""
    parts += [
        table(header, cells, (26, 12, 12, 12, 12, 12, 10), "lrrrrrr"),
        note(
            "While responses were under way; other programs are in these figures too. n: quarter "
            f"seconds.{said}",
            "trace_observations",
        ),
    ]
    return "\n\n".join(parts)


def cost(results: Results) -> str:
    """What each phase of a response took."""
    rows = results.rows("FROM thinking_cost")
    if not rows:
        return "No response was timed."
    parts = []
    if file := figures.phases(results):
        names = ", ".join(dict.fromkeys(row["model"] for row in rows))
        parts.append(
            picture(file, "**Where a response’s time goes.**",
                    f"Stacked bars of mean seconds a phase for {names}.", "thinking_cost")
        )  # fmt: skip
    cells = [
        (
            results.label(row["model"]),
            row["phase"],
            measured(row, "seconds", "s"),
            f"{100 * row['time_share']:.0f}\u00a0%",
            _of(figure(row["cpu_s"], "s"), row["n_cpu"], row["n"]),
            figure(row["cores"]),
            figure(row["memory_gib"], "GiB"),
            _of(figure(row["energy_j"], "J"), row["n_energy"], row["n"]),
        )
        for row in rows
    ]
    header = (
        "Model",
        "Phase",
        "Seconds",
        "Of its time",
        "CPU time",
        "Cores",
        "Peak memory",
        "GPU energy",
    )
    reasons = {row["energy_reason"] for row in rows if row["energy_reason"]}
    why = f" No GPU energy: {inline(', '.join(sorted(reasons)))}." if reasons else ""
    parts += [
        table(header, cells, (20, 9, 24, 9, 10, 8, 11, 11), "llrrrrrr"),
        note(
            "Solo responses. Medians; in brackets the 95 % interval of the median, or min–max "
            "where n is under 6. CPU time, cores and peak memory are the model’s own processes’; "
            f"prefill lasts from the request to the first token.{why}",
            "thinking_cost",
        ),
    ]
    return "\n\n".join(parts)


def _of(text: str, n: int, total: int) -> str:
    return text if n in (0, total) else f"{text}, n\u00a0{n}"
