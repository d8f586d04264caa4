"""The picture of the trace: cores and memory over time, shaded by what the model was doing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.reporting.figures import FAINT, INK, PHASES, drawing, words
from stages.reporting.results import Results, Row

_MOST_MODELS = 4
_WINDOW_S = (8.0, 60.0)
_WINDOW_RESPONSES = 4


def draw(results: Results) -> tuple[str, list[Row]] | None:
    """CPU and memory of each model around a typical response, shaded by phase.

    Returns the file and, a row a model, what is shown; None where no trace was read.
    """
    shown = [window for row in _typical(results) if (window := _window(results, row))]
    if not shown:
        return None
    cores = max(window["cores"] for window in shown)
    memory = max((y for window in shown for y in window["memory"][1]), default=0) or 1
    with drawing("trace", 8.2, 4.4) as (figure, file):
        axes = figure.subplots(2, len(shown), sharex="col", squeeze=False, height_ratios=(3, 2))
        for column, window in enumerate(shown):
            top, bottom = axes[0][column], axes[1][column]
            for axis in (top, bottom):
                _shade(axis, window)
            steps = {"drawstyle": "steps-pre"}  # a value is of the quarter second that it ends
            top.plot(*window["machine"], color=FAINT, lw=0.9, ls=(0, (3, 2)), **steps)
            top.plot(*window["engine"], color=INK, lw=1.2, **steps)
            top.set(
                title=words(window["model"]), ylim=(0, cores * 1.05), xlim=(0, window["length"])
            )
            bottom.plot(*window["memory"], color=INK, lw=1.3)
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
        """SELECT model, coalesce(traced_as, model) AS traced_as, session_id, request_ns, end_ns
        FROM scored
        WHERE arm = 'solo' AND NOT failed AND session_id IN (SELECT session_id FROM timeline)
        QUALIFY row_number() OVER (PARTITION BY model ORDER BY end_ns - request_ns, request_ns)
            = (count(*) OVER (PARTITION BY model) + 1) // 2
        ORDER BY position LIMIT ?""",
        _MOST_MODELS,
    )


def _window(results: Results, row: Row) -> dict[str, Any] | None:
    """What is shown of a model: the response and what follows, about as long as four such."""
    length = row["end_ns"] - row["request_ns"]
    shortest, longest = (round(seconds * 1e9) for seconds in _WINDOW_S)
    wanted = max(min(max(shortest, _WINDOW_RESPONSES * length), longest), length)
    margin = min(1_000_000_000, length // 10)
    session = row["session_id"]
    ran = results.one(
        """SELECT min(start_ns) AS first, max(end_ns) AS last,
            max(end_ns) FILTER (end_ns <= ?) AS until FROM phases WHERE session_id = ?""",
        row["request_ns"] + wanted, session,
    )  # fmt: skip
    if ran is None or ran["until"] is None:
        return None
    until = ran["until"] + margin
    start = row["request_ns"] - margin
    if ran["until"] == ran["last"]:  # the session ended: show what came before instead
        start = max(ran["first"], min(start, ran["last"] - wanted)) - margin
    engine = results.rows(
        """SELECT t_ns, cores_used, memory_bytes FROM timeline_models
        WHERE session_id = ? AND model = ? AND t_ns BETWEEN ? AND ? ORDER BY t_ns""",
        session, row["traced_as"], start, until,
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
        """SELECT DISTINCT phase, start_ns, end_ns FROM phases
        WHERE session_id = ? AND end_ns > ? AND start_ns < ? ORDER BY start_ns""",
        session, start, until,
    )  # fmt: skip

    held = [found for found in engine if found["memory_bytes"] is not None]

    def at(rows: Sequence[Row]) -> list[float]:
        return [(found["t_ns"] - start) / 1e9 for found in rows]

    return {
        "model": row["model"],
        "length": (until - start) / 1e9,
        "engine": (at(engine), [found["cores_used"] for found in engine]),
        "memory": (at(held), [found["memory_bytes"] / 2**30 for found in held]),
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
        mpl.lines.Line2D([], [], color=INK, lw=1.3, label="this model"),
        mpl.lines.Line2D([], [], color=FAINT, lw=0.9, ls=(0, (3, 2)), label="whole machine"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8.5)
