"""What held the machine back while it was measured, what was watched for that, and the heat."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import note, table
from stages.reporting.numbers import UNKNOWN, count, figure
from stages.reporting.results import Results, Row

_SHOWN = 20
_HOTTEST = 3

# What is watched, and how it is said where it happened.
_WATCHED = {
    "gpu": ("the GPUs’ clocks", "GPU held down"),
    "heat": ("the cores’ heat", "Core slowed by heat"),
    "cpu_limit": ("the control group’s CPU limit", "CPU limit of the control group"),
    "memory_limit": ("its memory limit", "Memory limit of the control group"),
    "out_of_memory": ("its killed processes", "Out of memory"),
    "waiting": ("time spent waiting (PSI)", "Tasks waited"),
    "swap": ("swapping", "Swapped"),
    "steal": ("time taken by other virtual machines", "Other virtual machines took time"),
}


def limits(results: Results) -> list[str]:
    """A table of what happened, or a sentence that nothing did; empty where nothing was watched."""
    rows = results.rows("FROM machine_limits WHERE watched <> 'temperature'")
    if not rows:
        return []
    happened = [row for row in rows if row["happened"]]
    said = f"{_watched(rows)}{_allowed(rows)}{_heat(results)}"
    if not happened:
        return [note(f"Nothing was seen to hold the machine back. {said}", "machine_limits")]
    cells = [
        (
            _WATCHED[row["watched"]][1],
            inline(row["subject"] or UNKNOWN),
            _figure(row),
            inline(row["detail"] or ""),
            f"{row['happened']} of {row['sessions']}",
        )
        for row in happened[:_SHOWN]
    ]
    header = ("What held the machine back", "Where", "Most", "Of what", "Sessions")
    more = len(happened) - len(cells)
    unlisted = f"{count(more, 'more row')} not shown. " if more > 0 else ""
    return [
        table(header, cells, (28, 22, 14, 24, 12), "llrlr"),
        note(
            f"Most: the largest of a session. {unlisted}Waiting and other machines’ time are "
            f"listed from 1 % on, memory from 95 % of what is allowed. {said}",
            "machine_limits",
        ),
    ]


def _figure(row: Row) -> str:
    if row["unit"] == "times":
        return count(round(row["value"]), "time")
    return figure(row["value"], row["unit"])


def _watched(rows: list[Row]) -> str:
    there = {row["watched"] for row in rows}
    seen = [words for name, (words, _) in _WATCHED.items() if name in there]
    unseen = [words for name, (words, _) in _WATCHED.items() if name not in there]
    text = f"Watched: {', '.join(seen)}."
    return f"{text} Not to be watched here: {', '.join(unseen)}." if unseen else text


def _allowed(rows: list[Row]) -> str:
    """The limits of the control group that didn't bite."""
    found = [
        inline(row["detail"])
        for row in rows
        if row["watched"] in ("cpu_limit", "memory_limit")
        and not row["happened"]
        and row["value"] is not None
        and str(row["detail"]).startswith("allowed")
    ]
    return (
        f" Control group, not reached: {'; '.join(dict.fromkeys(found[:_SHOWN]))}." if found else ""
    )


def _heat(results: Results) -> str:
    rows = results.rows(
        """FROM machine_limits WHERE watched = 'temperature' AND value IS NOT NULL
        ORDER BY value DESC, subject LIMIT ?""",
        _HOTTEST,
    )
    said = ", ".join(f"{inline(row['subject'])} {figure(row['value'], '°C')}" for row in rows)
    return f" Hottest: {said}." if rows else " No temperature was read."
