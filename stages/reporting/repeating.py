"""Whether a model says the same again."""

from __future__ import annotations

from stages.reporting.markdown import note, table
from stages.reporting.numbers import rate
from stages.reporting.results import Results, Row, engine_name

_KINDS = ("fresh runner", "warm cache")
_REPEATS = ("same seed", "other seeds")


def repeating(results: Results) -> str:
    """How repeatable the texts are, token by token and over the arms of the run."""
    parts = [*_determinism(results), *_repeatability(results)]
    return "\n\n".join(parts) or "No question was asked twice."


def _determinism(results: Results) -> list[str]:
    rows = results.rows("FROM determinism")
    if not rows:
        return []
    by: dict[tuple[str | None, str], dict[str, Row]] = {}
    for row in rows:
        by.setdefault((row["model"], engine_name(row)), {})[row["kind"]] = row
    cells = [
        (
            results.label(model) if model else "all models",
            engine,
            *(rate(found.get(kind)) for kind in _KINDS),
        )
        for (model, engine), found in by.items()
    ]
    header = ("Every token the same", "Engine", "Loaded anew", "Asked once more")
    return [
        table(header, cells, (30, 26, 22, 22), "llrr"),
        note(
            "One prompt, one seed, the same options, at most 128 tokens. Loaded anew: the model "
            "freshly loaded against its first load. Asked once more: right after, against the "
            "answer before; Ollama then has the prompt in its cache, the embedded engine reads it "
            "afresh. Share of repeats in which every token is the same, Wilson’s 95 % interval.",
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
