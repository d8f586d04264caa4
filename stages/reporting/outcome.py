"""The answers themselves, side by side: thinking first, then the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from stages.reporting.escape import excerpt, inline, without_folders
from stages.reporting.markdown import boxed, note, styled
from stages.reporting.numbers import accuracy, count, figure, moment
from stages.reporting.results import Results, Row

_SHOWN_SOLO = 8
_COLUMNS = 3
_EVIDENCE = 90

_AS_WRITTEN = "As the models wrote it: thinking first, then the answer, the first epoch’s of each."

_STANCES = {
    "separate": "separate",
    "implicit_separate": "separate, unsaid",
    "connect": "connects",
    "mixed": "mixed",
}

_TOGETHER = "arm = 'together'"
# What a test shows already isn't shown again as a solo run.
_SOLO = """arm IN ('solo', 'imported') AND prompt_id NOT IN (
    SELECT prompt_id FROM outcomes WHERE arm = 'together')"""


def outcomes(results: Results) -> str:
    """For each prompt the responses of its first epoch in columns; tests before solo runs."""
    parts = []
    for test in results.rows("FROM tests ORDER BY position"):
        rows = _first_epochs(results, f"{_TOGETHER} AND test = ?", test["test"])
        parts += [f"## Side by side: {inline(test['test'])}", *_prompts(results, rows)]
    rows = _first_epochs(results, _SOLO)
    prompts = list(dict.fromkeys(row["prompt_id"] for row in rows))
    shown = set(prompts[:_SHOWN_SOLO])
    if rows:
        parts += [
            "## One at a time",
            *_prompts(results, [row for row in rows if row["prompt_id"] in shown]),
        ]
    if len(prompts) > _SHOWN_SOLO:
        parts.append(
            f"{count(len(prompts) - _SHOWN_SOLO, 'more prompt')} not shown here; "
            "`overthink show` prints them."
        )
    if not rows and not parts:
        return "There is no response to show."
    return "\n\n".join([*parts, note(_AS_WRITTEN, "outcomes")])


def _first_epochs(results: Results, where: str, *parameters: object) -> list[Row]:
    return results.rows(
        f"""FROM outcomes WHERE {where}
        QUALIFY epoch IS NOT DISTINCT FROM min(epoch) OVER (PARTITION BY test, prompt_id, model)
        ORDER BY prompt_set <> 'original', prompt_set, prompt_id, turn, position, model""",
        *parameters,
    )


def _prompts(results: Results, rows: Iterable[Row]) -> list[str]:
    parts = []
    for _, same in groupby(rows, _by("prompt_id")):
        for turn, responses in groupby(same, _by("turn")):
            voices = list(responses)
            parts += _columns(_question(voices[0], turn), [_voice(results, row) for row in voices])
    return parts


def _columns(question: str, voices: list[str]) -> list[str]:
    """A question over its answers, three beside each other: a fourth column wouldn't be read."""
    rows = [voices[start : start + _COLUMNS] for start in range(0, len(voices), _COLUMNS)]
    return [
        boxed("side", "" if place else question, *(boxed("voice", voice) for voice in row))
        for place, row in enumerate(rows)
    ]


def _by(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def _question(row: Row, turn: int) -> str:
    facts = [inline(row["prompt_id"])]
    facts += [f"turn {turn}"] if turn and turn > 1 else []
    facts += [f"topics {row['truth']}"] if row["truth"] else []
    facts += ["reconstructed prompt"] if row["reconstructed"] else []
    asked = excerpt(row["prompt"] or "(the prompt isn’t recorded)", 400)
    return boxed("question", f"{asked}\n\n{styled('meta', ' · '.join(facts))}")


def _voice(results: Results, row: Row) -> str:
    parts = [results.label(row["model"])]
    if row["status"] in ("error", "timeout", "refused"):
        why = inline(without_folders(row["reason"] or row["status"]))
        tries = f" ({count(row['tries'], 'try', 'tries')})" if row["tries"] else ""
        return "\n\n".join([*parts, f"*No response:* {why}{tries}"])
    limit = results.report.excerpt_characters
    if row["thinking"] is not None:
        parts.append(boxed("thought", f"{_thought_for(row)}\n\n{excerpt(row['thinking'], limit)}"))
    else:
        parts.append(styled("meta", "No thinking"))
    if row["answer"] is None:
        parts.append("*No answer: the thought never ended.*")
    elif not row["answer"].strip():
        parts.append("*The answer is empty.*")
    else:
        parts.append(boxed("answer", excerpt(row["answer"], limit)))
    parts.append(_facts(results, row))
    return "\n\n".join(parts)


def _thought_for(row: Row) -> str:
    time = figure(row["thinking_s"], "s") if row["thinking_s"] is not None else None
    text = f"Thought for {time}" if time else "Thought, its time unknown"
    if row["answer"] is None:
        text = "Thought, and never came to an answer"
    if row["thinking_tokens"] is not None:
        text += f", {_tokens(row, 'thinking')}"
    text = f"**{text}**"
    if row["thinking_mode"] == "prompted":
        ends = {
            "limit": "cut off at its limit",
            "stopped": "the model stopped, we closed it",
            "closed": "the model closed it",
        }
        text += " " + styled(
            "tag", f"prompted thinking, {ends.get(row['thought_end'], 'end unknown')}"
        )
    return text


def _facts(results: Results, row: Row) -> str:
    facts = []
    if row["answer_tokens"] is not None:
        facts.append(f"answer {_tokens(row, 'answer')}")
    if row["response_s"] is not None:
        facts.append(f"{figure(row['response_s'], 's')} in all")
    if row["status"] == "truncated":
        facts.append("cut short by a limit")
    if row["correct"] is not None:
        facts.append("holds the reference" if row["correct"] else "doesn’t hold the reference")
    if row["loop"]:
        facts.append("loops")
    if row["prompt_shortened"]:
        facts.append(f"prompt shortened by the server to {figure(row['prompt_tokens'])} tokens")
    if row["tries"] and row["tries"] > 1:
        facts.append(f"came at try {row['tries']}")
    if row["reused"]:
        since = f", {moment(row['started_at'])}" if row["started_at"] else ""
        facts.append(f"kept from an earlier run{since}")
    lines = [" · ".join(facts)] if facts else []
    if row["stance"] is not None:
        stance = _STANCES[row["stance"]]
        lines.append(f"Stance: **{stance}**{_why(row)} (balanced accuracy {_accuracy(results)})")
    return "\n\n".join(styled("meta", line) for line in lines)


def _tokens(row: Row, part: str) -> str:
    guess = " (estimated)" if row["tokens_method"] == "estimated" else ""
    return f"{figure(row[f'{part}_tokens'])} tokens{guess}"


def _why(row: Row) -> str:
    quotes = [
        f"“{inline(text if len(text) <= _EVIDENCE else text[:_EVIDENCE] + '…')}”"
        for text in row["evidence"] or ()
    ]
    return f", by {' and '.join(quotes)}" if quotes else ""


def _accuracy(results: Results) -> str:
    row = results.one(
        """SELECT value AS accuracy, low AS accuracy_low, high AS accuracy_high, n AS accuracy_n
        FROM heuristic_accuracy WHERE heuristic = 'stance'"""
    )
    return accuracy(row)
