"""What each phase of a response took: time, CPU, energy, memory and bytes."""

from __future__ import annotations

from stages.reporting import figures
from stages.reporting.energy import with_error
from stages.reporting.escape import inline, without_folders
from stages.reporting.markdown import figure as picture
from stages.reporting.markdown import note, table
from stages.reporting.numbers import figure, measured
from stages.reporting.results import Results, Row


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
    return "\n\n".join([*parts, *_times(results, rows), *_memory(results, rows)])


def _times(results: Results, rows: list[Row]) -> list[str]:
    """Seconds, CPU time and, where it was measured, energy of each phase."""
    energy = any(row["n_energy"] for row in rows)
    cells = [
        (
            results.label(row["model"]),
            row["phase"],
            measured(row, "seconds", "s"),
            f"{100 * row['time_share']:.0f}\u00a0%",
            _of(figure(row["cpu_s"], "s"), row["n_cpu"], row["n"]),
            figure(row["cores"]),
            *(_energy(row) if energy else ()),
        )
        for row in rows
    ]
    header = ["Model", "Phase", "Seconds", "Of its time", "CPU time", "Cores"]
    widths = [20, 9, 24, 9, 10, 8]
    said = ""
    if energy:
        header += ["Energy", "Idle in it"]
        widths += [16, 9]
        devices = {name for row in rows for name in row["energy_of"] or ()}
        methods = {row["method"] for row in results.rows("SELECT method FROM energy_devices")}
        said = (
            f" Energy is that of {inline(', '.join(sorted(devices)))}, by "
            f"{' and '.join(sorted(methods))}; ± is what these leave open; idle in it is what they "
            "would have drawn with nothing loaded."
        )
        reasons = {row["energy_reason"] for row in rows if row["energy_reason"]}
        why = without_folders(", ".join(sorted(reasons)))[:300]
        said += f" Where it lacks: {inline(why)}." if reasons else ""
    return [
        table(header, cells, widths, "llrrrr" + "rr" * energy),
        note(
            "Solo responses. Medians; in brackets the 95 % interval of the median, or min–max "
            "where n is under 6. CPU time and cores are the model’s own processes’; prefill lasts "
            f"from the request to the first token.{said}",
            "thinking_cost",
        ),
    ]


def _energy(row: Row) -> tuple[str, str]:
    text = with_error(row["energy_j"], row["energy_error_j"])
    return _of(text, row["n_energy"], row["n"]), figure(row["energy_idle_j"], "J")


def _memory(results: Results, rows: list[Row]) -> list[str]:
    """Memory, bytes, faults and, where there is one, the GPU in each phase."""
    gpu = any(row["gpu_percent"] is not None for row in rows)
    cells = [
        (
            results.label(row["model"]),
            row["phase"],
            figure(row["memory_mean_gib"], "GiB"),
            figure(row["memory_gib"], "GiB"),
            figure(row["read_mib"], "MiB"),
            figure(row["major_faults"]),
            *((figure(row["gpu_percent"], "%"),) if gpu else ()),
        )
        for row in rows
    ]
    header = ["Model", "Phase", "Mean memory", "Peak memory", "Read from disk", "Faults"]
    header += ["GPU busy"] if gpu else []
    widths = (20, 9, 14, 14, 14, 9, *((10,) if gpu else ()))
    busy = " GPU busy is the devices’, whoever used them." if gpu else ""
    return [
        table(header, cells, widths, "llrrrr" + "r" * gpu),
        note(
            "The same responses: medians, and the largest peak. Resident memory of the model’s "
            f"processes added up; faults are page faults that read a disk.{busy}",
            "thinking_cost",
        ),
    ]


def _of(text: str, n: int, total: int) -> str:
    return text if n in (0, total) else f"{text}, n\u00a0{n}"
