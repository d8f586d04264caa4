"""What was seen to leave the machine, what measuring cost, and how repeatable the texts are."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import note, table
from stages.reporting.numbers import UNKNOWN, count, data_size, figure, plain, rate
from stages.reporting.results import Results, Row

_REPEATS = ("same seed", "other seeds")


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
                "Looks: readings of the engine’s sockets, once a second. Sent and received are "
                "those of all programs on interfaces beyond loopback, so an upper bound.",
                "network_beyond_loopback",
            ),
        ]
    )


def _missed(rows: list[Row]) -> str:
    """Readings that weren't made; a tracer that died has not counted its own."""
    known = [row["missed"] for row in rows if row["missed"] is not None]
    text = f"{sum(known):,.0f} missed"
    unknown = len(rows) - len(known)
    return f"{text} in {len(known)} of them, unknown in {unknown}" if unknown else text


def measuring(results: Results) -> str:
    """What measuring cost, and how repeatable the texts are."""
    parts = []
    if rows := results.rows("FROM tracer_cost WHERE readings > 1"):
        hz = sorted(row["hz"] for row in rows)
        cores = [row["core_percent"] for row in rows if row["core_percent"] is not None]
        late = max(row["late_ms"] for row in rows)
        text = (
            f"Over {count(len(rows), 'session')} the tracer read {plain(hz[len(hz) // 2])} "
            f"times a second ({sum(row['readings'] for row in rows):,} readings; p99 of the gap "
            f"between two at most {figure(late, 'ms')} over its median; "
            f"{_missed(rows)})"
        )
        if cores:
            text += f", and took at most {figure(max(cores), '%')} of one core itself"
        parts.append(note(f"{text}.", "tracer_cost"))
    if rows := results.rows("FROM repeatability"):
        by = {(row["model"], row["kind"]): row for row in rows}
        cells = [
            (results.label(model), *(rate(by.get((model, kind))) for kind in _REPEATS))
            for model in dict.fromkeys(row["model"] for row in rows)
        ]
        header = ("Asked again, word for word the same", *map(str.capitalize, _REPEATS))
        parts += [
            table(header, cells, (40, 30, 30), "lrr"),
            note(
                "Share of prompts whose every text is the same to the last character, Wilson’s 95 "
                "% interval. Same seed: in several arms; other seeds: over the epochs.",
                "repeatability",
            ),
        ]
    return "\n\n".join(parts) or "Nothing was measured."
