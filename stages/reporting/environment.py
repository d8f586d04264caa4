"""The machine that was tested on."""

from __future__ import annotations

from stages.reporting.escape import inline, without_folders
from stages.reporting.markdown import note, styled, table
from stages.reporting.numbers import UNKNOWN, count, figure, period
from stages.reporting.results import Results, Row, engine_name


def environment(results: Results) -> str:
    """The machine, as a table of facts; one such table a machine."""
    found = results.rows("FROM environment_summary")
    if not found:
        return f"Nothing was measured here.\n\nPage made by {_renderer(results)}."
    machines: dict[tuple[object, ...], list[Row]] = {}
    for row in found:
        machines.setdefault((row["cpu"], row["memory_gib"], row["system"]), []).append(row)
    parts = [_machine(rows, results) for rows in machines.values()]
    if len(parts) > 1:
        parts.insert(0, f"The responses come from {len(parts)} machines or states of one.")
    if mixed := _mixed(found, results):
        parts.insert(0, mixed)
    return "\n\n".join([*parts, note("", "environment_summary")])


def _mixed(rows: list[Row], results: Results) -> str:
    """Which responses aren't of the same machine or engine version as the latest ones."""
    answered = [row for row in rows if row["engine"]]
    latest: dict[str, Row] = {}
    for row in answered:  # the view has the latest first
        latest.setdefault(row["engine"], row)
    others = [row for row in answered if not _alike(row, latest[row["engine"]])]
    if not others:
        return ""
    said = "; ".join(
        f"{count(row['responses'], 'response')} of {inline(', '.join(row['models']))} are of "
        f"{engine_name(row)} on {inline(row['cpu'] or UNKNOWN)}"
        f" ({row['reused']} kept from earlier runs)"
        for row in others
    )
    now = ", ".join(
        f"{engine_name(row)} on {inline(row['cpu'] or UNKNOWN)}" for row in latest.values()
    )
    text = (
        f"**Mixed.** Not all responses come from the latest machine and engine ({now}): {said}. "
        "Their times and hardware figures don’t compare with the others’."
    )
    if results.one("SELECT 1 FROM settings WHERE name = 'reuse' AND value = 'any'"):
        setting = styled("code", inline("generation.reuse: same-engine"))
        text += f" With {setting} they would be asked again."
    return text


def _alike(row: Row, other: Row) -> bool:
    return all(row[name] == other[name] for name in ("machine_id", "cpu", "engine_version"))


def _machine(rows: list[Row], results: Results) -> str:
    row = rows[0]
    gpus = ", ".join(map(inline, row["gpus"] or []))
    if not gpus:
        # What would change it is for this machine's owner: `overthink doctor` says it.
        why = (row["gpu_reason"] or "the reason is unknown").partition("; ")[0]
        gpus = f"none read: {inline(without_folders(why))}"
    engines = sorted({engine_name(r) for r in rows if r["engine"]})
    first = min((r["first_request"] for r in rows if r["first_request"]), default=None)
    last = max((r["last_request"] for r in rows if r["last_request"]), default=None)
    container = {True: ", in a container", False: ""}.get(row["container"], "")
    facts = [
        ("Processor", inline(row["cpu"] or UNKNOWN)),
        (
            "Cores",
            f"{row['cores_logical'] or UNKNOWN} logical, {row['cores_usable'] or UNKNOWN} usable",
        ),
        ("Memory", figure(row["memory_gib"], "GiB") + " usable"),
        ("Accelerator", gpus),
        ("System", inline(row["system"] or UNKNOWN) + container),
        ("Engine", ", ".join(engines) or UNKNOWN),
        ("Python", inline(row["python"] or UNKNOWN)),
        (
            "Asked",
            period(first, last) if first and last else UNKNOWN,
        ),
        ("Page made by", _renderer(results)),
    ]
    return table(("This machine", ""), [(f"**{name}**", text) for name, text in facts], (25, 75))


def _renderer(results: Results) -> str:
    return inline(results.renderer) or "unknown"
