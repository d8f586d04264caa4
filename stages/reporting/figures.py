"""The page's pictures, as SVG that is the same bytes for the same data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.reporting.results import Results, Row

FOLDER = Path("figures")

PHASES = {"load": "#8d99ae", "prefill": "#c3cad6", "thinking": "#e9a23b", "answer": "#3f8f8b"}
_INK, _FAINT = "#24303d", "#8a94a3"
_STYLE: Any = {
    "svg.hashsalt": "overthink",
    "svg.fonttype": "path",  # text as shapes: no font is looked for by whoever shows it
    "font.size": 9,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "text.parse_math": False,  # a model's key may hold a $
}

_MOST_MODELS = 4
_WINDOW_S = (8.0, 60.0)
_WINDOW_RESPONSES = 4


@contextmanager
def _figure(name: str, width: float, height: float) -> Iterator[tuple[Figure, str]]:
    """A figure that is saved under this name when the block ends; yields it with its file."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.svg"
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, path.as_posix()
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def trace(results: Results) -> tuple[str, list[Row]] | None:
    """CPU and memory of each model around a typical response, shaded by phase.

    Returns the file and, a row a model, what is shown; None where no trace was read.
    """
    shown = [window for row in _typical(results) if (window := _window(results, row))]
    if not shown:
        return None
    cores = max(window["cores"] for window in shown)
    memory = max(y for window in shown for y in window["memory"][1])
    with _figure("trace", 8.2, 4.4) as (figure, file):
        axes = figure.subplots(2, len(shown), sharex="col", squeeze=False, height_ratios=(3, 2))
        for column, window in enumerate(shown):
            top, bottom = axes[0][column], axes[1][column]
            for axis in (top, bottom):
                _shade(axis, window)
            steps = {"drawstyle": "steps-pre"}  # a value is of the quarter second that it ends
            top.plot(*window["machine"], color=_FAINT, lw=0.9, ls=(0, (3, 2)), **steps)
            top.plot(*window["engine"], color=_INK, lw=1.2, **steps)
            top.set(title=window["model"], ylim=(0, cores * 1.05), xlim=(0, window["length"]))
            bottom.plot(*window["memory"], color=_INK, lw=1.3)
            bottom.set(ylim=(0, memory * 1.25), xlabel="seconds")
            if column:
                for axis in (top, bottom):
                    axis.tick_params(labelleft=False)
        axes[0][0].set_ylabel("cores busy")
        axes[1][0].set_ylabel("memory, GiB")
        _legend(figure, shown)
    return file, shown


def _typical(results: Results) -> list[Row]:
    """The solo response of median length of each model that has a trace."""
    return results.rows(
        """SELECT model, session_id, request_ns, end_ns FROM scored
        WHERE arm = 'solo' AND NOT failed AND session_id IN (SELECT session_id FROM timeline)
        QUALIFY row_number() OVER (PARTITION BY model ORDER BY end_ns - request_ns, request_ns)
            = (count(*) OVER (PARTITION BY model) + 1) // 2
        ORDER BY position LIMIT ?""",
        _MOST_MODELS,
    )


def _window(results: Results, row: Row) -> dict[str, Any] | None:
    """What is shown of a model: from just before the response, about as long as four such."""
    length = row["end_ns"] - row["request_ns"]
    shortest, longest = (round(seconds * 1e9) for seconds in _WINDOW_S)
    margin = min(1_000_000_000, length // 10)
    start = row["request_ns"] - margin
    until = max(start + min(max(shortest, _WINDOW_RESPONSES * length), longest), row["end_ns"])
    session = row["session_id"]
    last = results.one(
        "SELECT max(end_ns) AS t FROM phases WHERE session_id = ? AND end_ns <= ?", session, until
    )
    if last and last["t"]:
        until = last["t"] + margin
    engine = results.rows(
        """SELECT t_ns, cores_used, memory_bytes FROM timeline_models
        WHERE session_id = ? AND model = ? AND t_ns BETWEEN ? AND ? ORDER BY t_ns""",
        session, row["model"], start, until,
    )  # fmt: skip
    if not engine:
        return None
    machine = results.rows(
        """SELECT t.t_ns, t.cpu_percent * e.cores_logical / 100 AS cores, e.cores_logical
        FROM timeline t JOIN environment e ON e.session_id = t.session_id
        WHERE t.session_id = ? AND t.t_ns BETWEEN ? AND ? ORDER BY t.t_ns""",
        session, start, until,
    )  # fmt: skip
    spans = results.rows(
        """SELECT phase, start_ns, end_ns FROM phases
        WHERE session_id = ? AND end_ns > ? AND start_ns < ? ORDER BY start_ns""",
        session, start, until,
    )  # fmt: skip

    def at(rows: Sequence[Row]) -> list[float]:
        return [(found["t_ns"] - start) / 1e9 for found in rows]

    return {
        "model": row["model"],
        "length": (until - start) / 1e9,
        "engine": (at(engine), [found["cores_used"] for found in engine]),
        "memory": (at(engine), [found["memory_bytes"] / 2**30 for found in engine]),
        "machine": (at(machine), [found["cores"] for found in machine]),
        "cores": max((found["cores_logical"] or 1 for found in machine), default=1),
        "spans": [
            (s["phase"], (s["start_ns"] - start) / 1e9, (s["end_ns"] - start) / 1e9) for s in spans
        ],
    }


def _shade(axis: Axes, window: dict[str, Any]) -> None:
    for phase, start, end in window["spans"]:
        axis.axvspan(start, end, color=PHASES[phase], alpha=0.45, lw=0)
        if phase == "prefill":  # where a response begins
            axis.axvline(start, color="white", lw=1.2)


def _legend(figure: Figure, shown: Sequence[dict[str, Any]]) -> None:
    there = {phase for window in shown for phase, _, _ in window["spans"]}
    handles: list[Any] = [
        mpl.patches.Patch(color=color, alpha=0.45, lw=0, label=phase)
        for phase, color in PHASES.items()
        if phase in there
    ]
    handles += [
        mpl.lines.Line2D([], [], color=_INK, lw=1.3, label="this model"),
        mpl.lines.Line2D([], [], color=_FAINT, lw=0.9, ls=(0, (3, 2)), label="whole machine"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8.5)


def phases(results: Results) -> str | None:
    """Where a response's time goes: mean seconds a phase, a bar a model."""
    rows = results.rows(
        "SELECT model, phase, seconds_mean FROM thinking_cost ORDER BY position DESC, model"
    )
    models = list(dict.fromkeys(row["model"] for row in rows))
    if not rows:
        return None
    with _figure("phases", 8.2, 0.9 + 0.42 * len(models)) as (figure, file):
        axis = figure.subplots()
        left = dict.fromkeys(models, 0.0)
        for phase, color in PHASES.items():
            for row in rows:
                if row["phase"] == phase:
                    model, width = row["model"], row["seconds_mean"]
                    axis.barh(model, width, left=left[model], color=color, height=0.62)
                    left[model] += width
        there = [phase for phase in PHASES if any(row["phase"] == phase for row in rows)]
        handles = [mpl.patches.Patch(color=PHASES[phase], label=phase) for phase in there]
        axis.set_xlabel("mean seconds a response")
        axis.tick_params(axis="y", length=0)
        figure.legend(handles=handles, loc="outside upper right", ncols=len(there), fontsize=8.5)
    return file


def strip(
    results: Results, name: str, sql: str, label: str, reference: float | None = None
) -> str | None:
    """A dot a value and a line at the median, a row a model (columns ``model`` and ``value``)."""
    rows = results.rows(sql)
    models = list(dict.fromkeys(row["model"] for row in rows))
    if not rows:
        return None
    with _figure(name, 8.2, 0.9 + 0.42 * len(models)) as (figure, file):
        axis = figure.subplots()
        for place, model in enumerate(reversed(models)):
            values = sorted(row["value"] for row in rows if row["model"] == model)
            spread = [place + 0.26 * ((i * 0.618034) % 1 - 0.5) for i in range(len(values))]
            axis.plot(values, spread, "o", ms=4, color=PHASES["thinking"], alpha=0.7, mew=0)
            middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
            axis.plot([middle, middle], [place - 0.3, place + 0.3], color=_INK, lw=2)
        if reference is not None:
            axis.axvline(reference, color=_FAINT, lw=0.9, ls=(0, (3, 2)), zorder=0)
        axis.set(yticks=range(len(models)), yticklabels=models[::-1], xlabel=label)
        axis.set_ylim(-0.6, len(models) - 0.4)
        axis.set_xlim(0, 1.05 * max(reference or 0, *(row["value"] for row in rows)))
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x", color="#e6e9ee", lw=0.8)
        axis.set_axisbelow(True)
    return file
