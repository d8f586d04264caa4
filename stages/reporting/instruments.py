"""What was seen to leave the machine, what measuring cost, and what it couldn't see."""

from __future__ import annotations

from stages.reporting.escape import inline, without_folders
from stages.reporting.limits import limits
from stages.reporting.markdown import note, table
from stages.reporting.numbers import UNKNOWN, count, data_size, figure, plain
from stages.reporting.results import Results, Row

_SHOWN = 20
_LANES = {
    "system": "the whole machine",
    "process": "processes",
    "disk": "disks",
    "network": "network",
    "gpu": "GPU",
    "held": "models in memory",
    "powercap": "processor’s energy",
    "energy": "idle power",
    "cores": "each core",
    "pressure": "waiting (PSI)",
    "cgroup": "control groups",
    "temperature": "temperatures",
}


def network(results: Results) -> str:
    """What was seen to leave the machine."""
    rows = results.rows("FROM network_beyond_loopback WHERE source IS NOT NULL")
    if not rows:
        return "No connection was watched."
    cells = [
        (
            inline(row["source"]),
            f"{row['readings']:,}",
            UNKNOWN if row["with_sockets"] is None else f"{row['with_sockets']:,}",
            data_size(row["sent_bytes"]),
            data_size(row["received_bytes"]),
        )
        for row in rows
    ]
    header = ("Source", "Looks", "Found a remote socket", "Machine sent", "Machine received")
    return "\n\n".join(
        [
            table(header, cells, (24, 14, 22, 20, 20), "lrrrr"),
            note(
                "Looks: readings of the sockets of engine and server, once a second. Sent and "
                "received are those of all programs beyond loopback, so an upper bound.",
                "network_beyond_loopback",
            ),
        ]
    )


def _counted(rows: list[Row]) -> str:
    """Readings that came late or not at all; a tracer that died has not counted its own."""
    known = [row for row in rows if row["late"] is not None and row["missed"] is not None]
    if not known:
        return "how many came late or were missed isn’t known"
    late, missed = (sum(row[name] for row in known) for name in ("late", "missed"))
    text = f"{late:,.0f} late, {missed:,.0f} missed"
    unknown = len(rows) - len(known)
    return f"{text}, unknown in {count(unknown, 'session')}" if unknown else text


def measuring(results: Results) -> str:
    """What measuring cost, what held it back, what couldn't be read, and how two clocks agree."""
    parts = [*_tracer(results), *limits(results), *_missing(results), *_clocks(results)]
    return "\n\n".join(parts) or "Nothing was measured."


def _tracer(results: Results) -> list[str]:
    rows = results.rows("FROM tracer_cost WHERE readings > 1")
    if not rows:
        return []
    hz = sorted(row["hz"] for row in rows)
    cores = [row["core_percent"] for row in rows if row["core_percent"] is not None]
    memory = [row["memory_mib"] for row in rows if row["memory_mib"] is not None]
    late = max(row["late_ms"] for row in rows)
    text = (
        f"Over {count(len(rows), 'session')} the tracer read {plain(hz[len(hz) // 2])} "
        f"times a second ({sum(row['readings'] for row in rows):,} readings; p99 of the gap "
        f"between two at most {figure(late, 'ms')} over its median; "
        f"{_counted(rows)})"
    )
    if cores:
        text += f", and took at most {figure(max(cores), '%')} of one core"
        text += f" and {figure(max(memory), 'MiB')} of memory itself" if memory else " itself"
    return [note(f"{text}.", "tracer_cost")]


def _missing(results: Results) -> list[str]:
    """Counters that couldn't be read, each with its reason."""
    rows = results.rows("FROM missing_lanes")
    if not rows:
        return []
    cells = [
        (
            inline(_LANES.get(row["lane"]) or row["lane"] or UNKNOWN),
            inline(row["subject"] or "all"),
            inline(without_folders(row["detail"] or UNKNOWN)[:300]),
            f"{row['sessions']} of {row['all_sessions']}",
        )
        for row in rows[:_SHOWN]
    ]
    more = len(rows) - len(cells)
    said = f" {count(more, 'more reason')} not shown." if more > 0 else ""
    header = ("Not read", "Of", "Why", "Sessions")
    return [
        table(header, cells, (17, 18, 53, 12), "lllr"),
        note(f"What rests on these has no value here.{said}", "missing_lanes"),
    ]


def _clocks(results: Results) -> list[str]:
    """The engine's own durations beside ours."""
    rows = results.rows("FROM clock_summary")
    if not rows:
        return []
    names = ("load_s", "prefill_s", "decode_s", "response_s", "unaccounted_s")
    cells = [
        (
            results.label(row["model"]),
            *(figure(row[name], "s") for name in names),
            _share(row),
        )
        for row in rows
    ]
    header = ("Two clocks", "Load", "Prefill", "Decode", "Response", "Left over", "Of the response")
    return [
        table(header, cells, (22, 11, 11, 11, 12, 11, 22), "lrrrrrr"),
        note(
            "Medians of solo responses. Load, prefill and decode are the engine’s own figures, the "
            "response is by our clock; left over is what the engine doesn’t account for (in "
            "brackets its range).",
            "clock_summary",
        ),
    ]


def _share(row: Row) -> str:
    if row["share"] is None:
        return UNKNOWN
    text = f"{100 * row['share']:.1f}\u00a0%"
    if row["n"] > 1:
        text += f" ({100 * row['share_min']:.1f}–{100 * row['share_max']:.1f})"
    return f"{text}, n\u00a0{row['n']}"
