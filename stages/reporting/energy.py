"""Joules a response, a token and a device, with what the counters leave open."""

from __future__ import annotations

from stages.reporting.escape import inline, without_folders
from stages.reporting.markdown import cited, note, table
from stages.reporting.numbers import UNKNOWN, count, figure, measured, plain
from stages.reporting.results import Results, Row

_MEASURES = (
    "energy_j",
    "energy_error_j",
    "energy_idle_j",
    "energy_j_per_token",
    "thinking_energy_j",
    "energy_j_per_thinking_token",
)

_RULE = """Energy of a GPU goes to the model that runs; where several do, to each an equal part, and
the interval then reaches from none to all of what is above idle. Of a processor package (the
processor’s chip) and its memory (dram) the idle part goes to all that run in equal parts and the
rest by CPU time ÷ that of the whole machine, so that other programs’ energy is billed to no model;
where idle power isn’t known all of it goes by CPU time; ± is the counter’s alone there, as the rule
is a convention. What is left, and what is used between
responses, is attributed to nobody"""


def with_error(value: float | None, error: float | None, unit: str = "J") -> str:
    """A figure with what its counters leave open: ``12 J ± 0.4``."""
    if value is None or error is None:
        return figure(value, unit)
    return f"{figure(value, unit)} {_give_or_take(error)}"


def _give_or_take(error: float) -> str:
    return f"±\u00a0{plain(float(f'{error:.1g}'))}"


def energy(results: Results) -> str:
    """What each model's responses took, and where each device's energy went."""
    devices = results.rows("FROM energy_devices")
    parts = _estimates(results)
    if not devices:
        return "\n\n".join([_none(results), *parts])
    return "\n\n".join([*_models(results), *_devices(devices), *parts])


def _none(results: Results) -> str:
    """Why nothing was measured, with the remedy where there is one."""
    why = results.one(
        """SELECT energy_reason AS reason FROM phases WHERE energy_reason IS NOT NULL
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"""
    )
    if why is None:
        return "No energy was measured."
    return (
        f"No energy was measured. {inline(without_folders(why['reason'])[:600])}. {cited('phases')}"
    )


def _models(results: Results) -> list[str]:
    found = results.measures(_MEASURES)
    cells = [
        (
            results.label(model),
            _response(of),
            figure(of["energy_idle_j"]["median"], "J") if "energy_idle_j" in of else UNKNOWN,
            measured(of.get("energy_j_per_token"), unit="J"),
            measured(of.get("thinking_energy_j")),
            measured(of.get("energy_j_per_thinking_token"), unit="J"),
        )
        for model, of in found.items()
        if "energy_j" in of
    ]
    if not cells:
        return ["No response that ran by itself was measured whole."]
    header = ("Energy", "A response", "Idle in it", "A token", "Its thinking", "A token of that")
    return [
        table(header, cells, (18, 24, 10, 17, 17, 17), "lrrrrr"),
        note(
            "Solo responses: medians, with the 95 % interval of the median (or min–max where n is "
            "under 6); ± is what the counters leave open of a single response, their calibration "
            "apart. A token: the whole response’s energy ÷ all tokens that came. Idle in it: what "
            f"the devices would have drawn with nothing loaded.{_unmeasured(results)}",
            "model_summary",
        ),
    ]


def _response(of: dict[str, Row]) -> str:
    text = measured(of["energy_j"])
    error = of.get("energy_error_j")
    return text if error is None else f"{text}, {_give_or_take(error['median'])}"


def _unmeasured(results: Results) -> str:
    """How many phases have no energy although devices were read, with the commonest reason."""
    row = results.one(
        """SELECT energy_reason AS reason, (sum(count(*)) OVER ())::BIGINT AS n FROM phases
        WHERE energy_reason IS NOT NULL AND seconds > 0
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"""
    )
    if row is None:
        return ""
    why = inline(without_folders(row["reason"])[:300])
    return f" {count(row['n'], 'phase has', 'phases have')} no figure, as {why}."


def _devices(rows: list[Row]) -> list[str]:
    cells = [
        (
            inline(row["device"]),
            _method(row),
            _idle(row),
            with_error(row["total_j"], row["error_j"]),
            figure(row["attributed_j"], "J"),
            figure(row["unattributed_j"], "J"),
        )
        for row in rows
    ]
    header = ("Device", "By its", "Idle", "In all", "Of models", "Of nobody")
    platform = ""
    if any(row["device"] == "psys" for row in rows):
        platform = " psys is nearly the whole machine: the packages are in it, so it isn’t added."
    return [
        table(header, cells, (14, 24, 20, 20, 11, 11), "llrrrr"),
        note(f"{' '.join(_RULE.split())}.{platform}", "energy_devices"),
    ]


def _method(row: Row) -> str:
    if row["method"] != "counter":
        return "power, sampled"
    if row["update_s"] is None:
        return "counter"
    return f"counter, which steps each {figure(1000 * row['update_s'], 'ms')}"


def _idle(row: Row) -> str:
    if row["idle_w"] is None:
        return "not measured"
    interval = f"({plain(row['idle_low_w'])}–{plain(row['idle_high_w'])})"
    return f"{figure(row['idle_w'], 'W')} {interval}"


def _estimates(results: Results) -> list[str]:
    rows = results.rows("FROM model_summary WHERE measure = 'energy_estimate_j'")
    if not rows:
        return []
    said = "; ".join(f"{results.named(row['model'])} {measured(row)}" for row in rows)
    text = (
        f"**Estimated, not measured**: {said} a response, from the TDP that was given × the share "
        "of the cores that the model’s processes used."
    )
    return [f"{text} {cited('model_summary')}"]
