"""The picture of a run: what was busy, held, moved and drawn, one below the other over the time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.files import replacing
from stages.tracing import machine_courses as machine
from stages.tracing.courses import Floats, ProcessCourses, Times, edges
from stages.tracing.energy_figures import processors_of
from stages.tracing.memory import together
from stages.tracing.run import COMMAND, WATCHED
from stages.tracing.shown import headline, title
from stages.tracing.summary import Summary
from stages.tracing.tables import Tables

_WIDTH, _HEAD, _PANEL = 8.0, 0.9, 1.45  # inches
_DPI = 150
_LONGEST = 70
_POINTS = 800
_PREFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi")
_INK, _FAINT, _GRID = "#24303d", "#8a94a3", "#e6e9ee"
_COLOURS = ("#3f8f8b", "#e9a23b", "#7a6fb0", "#c25b56")
_STYLE: Any = {
    "font.size": 9,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "text.usetex": False,
    "text.parse_math": False,  # a command may hold a $
}


_Line = Floats | tuple[Floats, Floats]


@dataclass(frozen=True)
class _Panel:
    """Named lines over one scale: a value for each step, or seconds with values."""

    label: str
    unit: str
    lines: Mapping[str, _Line]


def plot(tables: Tables, summary: Summary, path: Path) -> None:
    """Draw it, as PNG or SVG by the name. Raises ``OSError``."""
    traced = tables.run.command or tables.run.watched
    # The machine's CPU time is counted in hundredths of a second.
    at = edges(tables, 0 if traced else 0.25)
    seconds = (at - at[0]) / 1e9
    panels = list(_panels(tables, at)) or [_Panel("cores busy", "", {})]
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a font may lack a character of the command
        height = _HEAD + _PANEL * len(panels)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
        for axis, panel in zip(axes, panels, strict=True):
            _draw(axis, panel, seconds)
        axes[-1].set(xlabel="time, s", xlim=(0, seconds[-1]))
        figure.align_ylabels()
        axes[0].set_title(headline(summary), loc="left", fontsize=9, color=_FAINT)
        axes[0].annotate(
            title(tables.run, _LONGEST),
            (0, 1),
            (0, 24),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=11,
            fontweight="bold",
        )
        with replacing(path) as part:
            figure.savefig(part, format=path.suffix[1:].lower(), dpi=_DPI)


def _panels(tables: Tables, at: Times) -> Iterator[_Panel]:
    run = tables.run
    role = COMMAND if run.command else WATCHED if run.watched else None
    if role:
        yield from _process_panels(tables, role, at)
    else:
        yield from _machine_panels(tables, at)
    gpus = tables.scan("trace_gpu").select(pl.col("gpu").unique()).collect()["gpu"].sort()
    busy = {f"GPU {gpu}": _gpu_busy(tables, gpu, at) for gpu in gpus}
    if known := {name: line for name, line in busy.items() if line is not None}:
        yield _Panel("GPU busy", "%", known)
    energy = tables.energy
    power = {name: machine.watts(energy[name], at) for name in busy if name in energy}
    if parts := [machine.watts(curve, at) for curve in processors_of(energy)]:
        power["CPU and its memory"] = np.sum(parts, axis=0)
    if any(np.isfinite(line).any() for line in power.values()):
        yield _Panel("power", "W", power)


def _process_panels(tables: Tables, role: str, at: Times) -> Iterator[_Panel]:
    courses = ProcessCourses(tables, role, at)
    if (busy := courses.cores()) is not None:
        yield _Panel("cores busy", "", {"": busy})
    rows = tables.scan("trace_process").filter(pl.col("role") == role)
    held = together(rows.filter(pl.col("t_ns").is_between(at[0], at[-1])))
    if held.height:
        yield _Panel("memory", "bytes", {"": _thinned(held, pl.col("rss_bytes").max(), at)})
    rates = {
        "read": courses.bytes_s("read_chars"),
        "written": courses.bytes_s("written_chars"),
        "read from storage": courses.bytes_s("read_bytes"),
        "written to storage": courses.bytes_s("written_bytes"),
    }
    yield from _rate_panel("", rates)


def _machine_panels(tables: Tables, at: Times) -> Iterator[_Panel]:
    if (busy := machine.cores(tables, at)) is not None:
        yield _Panel("cores busy", "", {"": busy})
    used = (pl.col("memory_total_bytes") - pl.col("memory_available_bytes")).alias("used")
    held = tables.during("trace_system", "memory_available_bytes").select("t_ns", used).collect()
    if held.height:
        yield _Panel("memory in use", "bytes", {"": _thinned(held, pl.col("used").max(), at)})
    for name, table, subject, counters in (
        ("disks", "trace_disk", "device", ("read_bytes", "written_bytes")),
        ("network", "trace_network", "interface", ("received_bytes", "sent_bytes")),
    ):
        rates = {
            counter.removesuffix("_bytes"): machine.bytes_s(tables, table, subject, counter, at)
            for counter in counters
        }
        yield from _rate_panel(name, rates)


def _rate_panel(name: str, rates: dict[str, Floats | None]) -> Iterator[_Panel]:
    """Without lines that never leave nought."""
    moved = {label: line for label, line in rates.items() if line is not None and line.any()}
    if moved:
        yield _Panel(name, "bytes/s", moved)


def _gpu_busy(tables: Tables, gpu: int, at: Times) -> _Line | None:
    rows = tables.during("trace_gpu").filter(gpu=gpu).collect().drop_nulls("utilisation_percent")
    busy = pl.col("utilisation_percent").mean()
    return _thinned(rows, busy, at) if rows.height else None


def _thinned(readings: pl.DataFrame, value: pl.Expr, at: Times) -> tuple[Floats, Floats]:
    """Readings as seconds and values, ``value`` being of all on one spot of the picture."""
    width = max(1, (int(at[-1]) - int(at[0])) // _POINTS)
    place = ((pl.col("t_ns") - int(at[0])) // width).alias("place")
    thin = readings.group_by(place).agg(pl.col("t_ns").max(), value.alias("value")).sort("place")
    return (thin["t_ns"].to_numpy() - at[0]) / 1e9, thin["value"].cast(pl.Float64).to_numpy()


def _draw(axis: Axes, panel: _Panel, seconds: Floats) -> None:
    most = max(
        (float(np.nanmax(_values(one), initial=0)) for one in panel.lines.values()), default=0
    )
    unit, scale = scaled(panel.unit, most)
    for (label, line), colour in zip(panel.lines.items(), cycle(_COLOURS), strict=False):
        style: Any = {"color": colour, "label": label or None, "lw": 1.2}
        if label.endswith("storage"):
            style |= {"color": _COLOURS[label.startswith("written")], "ls": (0, (3, 2))}
        if isinstance(line, tuple):
            axis.plot(line[0], line[1] / scale, marker="o" * (len(line[0]) == 1), ms=4, **style)
        else:
            axis.stairs(line / scale, seconds, baseline=None, **style)
            if len(panel.lines) == 1:
                axis.stairs(line / scale, seconds, fill=True, color=colour, alpha=0.25, lw=0)
    if not panel.lines:
        axis.text(0.5, 0.5, "nothing was read", ha="center", transform=axis.transAxes)
    axis.set_ylabel(", ".join(text for text in (panel.label, unit) if text))
    axis.set_ylim(0, 1.15 * most / scale or 1)
    if any(panel.lines):
        above: Any = {"loc": "lower right", "bbox_to_anchor": (1, 0.98), "borderaxespad": 0.0}
        axis.legend(ncols=len(panel.lines), **above)


def _values(line: _Line) -> Floats:
    return line[1] if isinstance(line, tuple) else line


def scaled(unit: str, most: float) -> tuple[str, float]:
    """The unit in which ``most`` is easy to read, and what one of it is."""
    if not unit.startswith("bytes"):
        return unit, 1.0
    power = min(int(np.log2(max(most, 1)) // 10), len(_PREFIXES) - 1)
    return f"{_PREFIXES[power]}B{unit.removeprefix('bytes')}", 1024.0**power
