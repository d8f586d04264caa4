"""Whether a model says the same again, and what its server did besides."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import cited, note, table
from stages.reporting.numbers import count, rate
from stages.reporting.results import Results, Row

_KINDS = ("fresh runner", "warm cache")
_REPEATS = ("same seed", "other seeds")


def repeating(results: Results) -> str:
    """How repeatable the texts are, token by token and over the arms of the run."""
    parts = [*_determinism(results), *_repeatability(results), *_server(results)]
    return "\n\n".join(parts) or "No question was asked twice."


def _determinism(results: Results) -> list[str]:
    rows = results.rows("FROM determinism")
    if not rows:
        return []
    by: dict[tuple[str | None, str], dict[str, Row]] = {}
    for row in rows:
        engine = f"{row['engine']} {row['engine_version'] or ''}".strip()
        by.setdefault((row["model"], engine), {})[row["kind"]] = row
    cells = [
        (
            results.label(model) if model else "all models",
            inline(engine),
            *(rate(found.get(kind)) for kind in _KINDS),
        )
        for (model, engine), found in by.items()
    ]
    header = ("Every token the same", "Engine", "Loaded anew", "Asked once more")
    return [
        table(header, cells, (30, 26, 22, 22), "llrr"),
        note(
            "One prompt, one seed, the same options, at most 128 tokens. Loaded anew: a fresh "
            "runner against the first one. Asked once more: the same runner, which has the prompt "
            "in its cache, against its answer before. Share of repeats in which every token is the "
            "same, Wilson’s 95 % interval.",
            "determinism",
        ),
    ]


def _repeatability(results: Results) -> list[str]:
    rows = results.rows("FROM repeatability")
    if not rows:
        return []
    by = {(row["model"], row["kind"]): row for row in rows}
    cells = [
        (results.label(model), *(rate(by.get((model, kind))) for kind in _REPEATS))
        for model in dict.fromkeys(row["model"] for row in rows)
    ]
    header = ("Asked again, word for word the same", *map(str.capitalize, _REPEATS))
    return [
        table(header, cells, (40, 30, 30), "lrr"),
        note(
            "Share of prompts whose every text is the same to the last character, Wilson’s 95 "
            "% interval. Same seed: in several arms; other seeds: over the epochs.",
            "repeatability",
        ),
    ]


def _server(results: Results) -> list[str]:
    """Whether models were alone, and whether their server reloaded one unasked."""
    return [*_company(results), *_reloads(results)]


def _company(results: Results) -> list[str]:
    rows = results.rows("FROM company")
    if not rows:
        return []
    total = sum(row["n"] for row in rows)
    alone = sum(row["n"] for row in rows if row["also_held"] == [])
    unknown = sum(row["n"] for row in rows if row["also_held"] is None)
    text = (
        f"**Alone.** In {alone:,} of {count(total, 'response')} that ran by themselves in Ollama "
        "its server held no other model"
    )
    said = [
        f"{results.named(row['model'])} beside {inline(', '.join(row['also_held']))} in {row['n']}"
        for row in rows
        if row["also_held"]
    ]
    if said:
        text += f"; it also held others: {'; '.join(said)}"
    if unknown:
        text += f"; of {unknown} it didn’t say"
    return [f"{text}. {cited('company')}"]


def _reloads(results: Results) -> list[str]:
    rows = results.rows(
        """SELECT model, count(*) AS n, count(under_way) AS under_way
        FROM runner_reloads GROUP BY model ORDER BY model"""
    )
    if not rows:
        return []
    said = "; ".join(
        f"{results.named(row['model'])} {count(row['n'], 'time')}, {row['under_way']} of them in "
        "the middle of a response"
        for row in rows
    )
    text = f"**Reloaded.** Another process took over a model’s work, unasked: {said}."
    return [f"{text} Times around it hold the reload. {cited('runner_reloads')}"]
