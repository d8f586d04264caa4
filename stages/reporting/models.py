"""The models: as they were selected, with their licences, and as they answered."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import note, styled, table
from stages.reporting.numbers import UNKNOWN, figure
from stages.reporting.results import Results, engine_name


def selected(results: Results) -> str:
    """The models of params.yaml with their licences."""
    rows = results.rows("FROM selected_models")
    if not rows:
        return "No model is selected."
    cells = [
        (
            results.label(row["model"]),
            inline(row["name"] or UNKNOWN),
            _weights(row["parameters"]),
            inline(row["quantisation"] or UNKNOWN),
            figure(row["context_length"]),
            _thinking(row["thinking_mode"]),
            inline(row["license"] or UNKNOWN),
            inline(row["source"]),
        )
        for row in rows
    ]
    header = (
        "Model",
        "Name",
        "Weights",
        "Quantised",
        "Largest context, tokens",
        "Thinking",
        "Licence",
        "Source",
    )
    return "\n\n".join(
        [
            table(header, cells, (20, 16, 9, 10, 10, 12, 12, 24), "llrlrlll"),
            note("The licence is the one that the file or the registry names.", "selected_models"),
        ]
    )


def _weights(parameters: int | None) -> str:
    if parameters is None:
        return UNKNOWN
    return (
        f"{parameters / 1e9:.3g}\u00a0B" if parameters >= 1e9 else f"{parameters / 1e6:.3g}\u00a0M"
    )


def _thinking(mode: str | None) -> str:
    return {"none": "off or none", "native": "its own", "prompted": "prompted"}.get(
        mode or "", UNKNOWN
    )


def tested(results: Results) -> str:
    """The models as they answered."""
    rows = results.rows("FROM tested_models")
    if not rows:
        return "No model was tested."
    cells = [
        (
            results.label(row["model"]),
            styled("code", inline(row["id"])) if row["id"] else UNKNOWN,
            figure(row["size_mib"], "MiB"),
            engine_name(row) if row["engine"] else UNKNOWN,
            *(
                str(row[name])
                for name in ("prompts", "responses", "ok", "truncated", "failed", "reused")
            ),
        )
        for row in rows
    ]
    kept = results.kept()
    header = (
        "Model",
        "Id",
        "Size",
        "Engine",
        "Prompts",
        "Responses",
        "Ok",
        "Cut short",
        "Failed",
        "Kept",
    )
    return "\n\n".join(
        [
            table(header, cells, (22, 15, 10, 14, 9, 11, 6, 7, 8, 8), "llrlrrrrrr"),
            note(
                "Id: the first digits of the weights’ SHA-256. Cut short: stopped by a limit, and "
                "shown. Side-by-side responses are counted here too."
                f"{f' {kept}.' if kept else ''}",
                "tested_models",
                *(["run_summary"] if kept else []),
            ),
        ]
    )
