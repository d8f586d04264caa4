"""How the page's pictures look, and its plain ones: SVG, the same bytes for the same data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from stages.reporting.escape import visible
from stages.reporting.results import Results

FOLDER = Path("figures")
_LONGEST = 40  # characters of a name

PHASES = {"load": "#8d99ae", "prefill": "#c3cad6", "thinking": "#e9a23b", "answer": "#3f8f8b"}
INK, FAINT = "#24303d", "#8a94a3"
_STYLE: Any = {
    "svg.hashsalt": "overthink",
    "svg.fonttype": "path",  # text as shapes: no font is looked for by whoever shows it
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "text.parse_math": False,  # a model's key may hold a $
}


@contextmanager
def drawing(name: str, width: float, height: float) -> Iterator[tuple[Figure, str]]:
    """A figure that is saved under this name when the block ends; yields it with its file."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.svg"
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, path.as_posix()
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def phases(results: Results) -> str | None:
    """Where a response's time goes: mean seconds a phase, a bar a model."""
    rows = results.rows(
        "SELECT model, phase, seconds_mean FROM thinking_cost ORDER BY position DESC, model"
    )
    models = list(dict.fromkeys(row["model"] for row in rows))
    if not rows:
        return None
    with drawing("phases", 8.2, 0.9 + 0.42 * len(models)) as (figure, file):
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


def words(text: str) -> str:
    """A name as a picture can hold it: no hidden character, one short line."""
    name = " ".join(visible(text).split())
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def strip(
    results: Results, name: str, sql: str, label: str, reference: float | None = None
) -> str | None:
    """A dot a value and a line at the median, a row a model (columns ``model`` and ``value``)."""
    rows = results.rows(sql)
    models = list(dict.fromkeys(row["model"] for row in rows))
    if not rows:
        return None
    with drawing(name, 8.2, 0.9 + 0.42 * len(models)) as (figure, file):
        axis = figure.subplots()
        for place, model in enumerate(reversed(models)):
            values = sorted(row["value"] for row in rows if row["model"] == model)
            spread = [place + 0.26 * ((i * 0.618034) % 1 - 0.5) for i in range(len(values))]
            axis.plot(values, spread, "o", ms=4, color=PHASES["thinking"], alpha=0.7, mew=0)
            middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
            axis.plot([middle, middle], [place - 0.3, place + 0.3], color=INK, lw=2)
        if reference is not None:
            axis.axvline(reference, color=FAINT, lw=0.9, ls=(0, (3, 2)), zorder=0)
        names = [words(model) for model in reversed(models)]
        axis.set(yticks=range(len(models)), yticklabels=names, xlabel=label)
        axis.set_ylim(-0.6, len(models) - 0.4)
        axis.set_xlim(0, 1.05 * max(reference or 0, *(row["value"] for row in rows)))
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x", color="#e6e9ee", lw=0.8)
        axis.set_axisbelow(True)
    return file
