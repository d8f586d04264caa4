"""What Ollama did besides answering: what it held, whether a model was alone, what it reloaded."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import cited, note, table
from stages.reporting.numbers import UNKNOWN, count, figure
from stages.reporting.results import Results, Row

_SHOWN = 5


def server(results: Results) -> str:
    """What its servers held, and whether that disturbed anything; empty where none was asked."""
    return "\n\n".join([*_held(results), *_company(results), *_reloads(results)])


def _held(results: Results) -> list[str]:
    rows = results.rows("FROM held_models")
    if not rows:
        return []
    cells = [
        (
            results.label(row["model"]),
            figure(row["memory_gib"], "GiB"),
            UNKNOWN if row["vram_share"] is None else f"{100 * row['vram_share']:.0f}\u00a0%",
            _context(row),
            f"{row['readings']:,} of {row['looks']:,}",
        )
        for row in rows
    ]
    header = ("Held by Ollama", "Memory, most", "Of it on a GPU", "Context, tokens", "In looks")
    return [
        table(header, cells, (30, 18, 18, 18, 16), "lrrrr"),
        note(
            "By the server’s own reckoning, asked twice a second while its models were being "
            "measured; the context is the one that it loaded the model with.",
            "held_models",
        ),
    ]


def _context(row: Row) -> str:
    if row["smallest_context"] == row["context_tokens"]:
        return figure(row["context_tokens"])
    return f"{figure(row['smallest_context'])} to {figure(row['context_tokens'])}"


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
    others = [row for row in rows if row["also_held"]]
    said = [
        f"{results.named(row['model'])} beside {inline(', '.join(row['also_held'])[:300])} "
        f"in {row['n']}"
        for row in others[:_SHOWN]
    ]
    if others:
        text += f"; it also held others: {'; '.join(said)}"
    if more := others[_SHOWN:]:
        text += f"; and others still in {sum(row['n'] for row in more)}"
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
    return [f"{text} What is measured there includes the reload. {cited('runner_reloads')}"]
