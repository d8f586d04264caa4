"""The same question in a fresh chat and at the end of a longer one: what differed."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import note, table
from stages.reporting.numbers import UNKNOWN, figure
from stages.reporting.results import Results, Row

_SIDES = ("fresh", "continued")
_STANCES = ("separate", "implicit_separate", "mixed", "connect")


def continued(results: Results) -> str:
    """A pair of rows for each model and question that was asked both ways; empty if none was."""
    rows = results.rows("FROM continued_chat")
    if not rows:
        return ""
    cells = [_cells(results, row, chat) for row in rows for chat in _SIDES]
    header = ("Model", "Asked in a chat", "n", "Thinking, tokens", "Thinking, s", "Response, s",
              "Separate", "Unsaid", "Mixed", "Connect")  # fmt: skip
    differ = [said for row in rows if (said := _differs(results, row))]
    text = (
        "The same question in a fresh chat, and as the last turn of a longer one, as the original "
        "asked its second test. Solo responses; medians, and answers by what they do with two "
        "topics."
    )
    few = min(min(row["fresh_n"], row["continued_n"]) for row in rows)
    if few < 6:
        text += f" With n as small as {few}, a difference here may well be chance."
    parts = [
        table(header, cells, (20, 20, 5, 11, 10, 10, 9, 8, 7, 8), "llrrrrrrrr"),
        note(f"{text} {' '.join(differ)}".strip(), "continued_chat"),
    ]
    return "\n\n".join(parts)


def _cells(results: Results, row: Row, chat: str) -> tuple[str, ...]:
    prompt = row[chat]
    counted = [row[f"{chat}_{stance}"] for stance in _STANCES]
    scored = any(row[f"{side}_{stance}"] for side in _SIDES for stance in _STANCES)
    return (
        results.label(row["model"]),
        f"{chat} ({inline(prompt)})",
        str(row[f"{chat}_n"]),
        *(
            figure(row[f"{chat}_{name}"])
            for name in ("thinking_tokens", "thinking_s", "response_s")
        ),
        *(str(n) if scored else UNKNOWN for n in counted),
    )


def _differs(results: Results, row: Row) -> str:
    """The ratio of what was thought, in a sentence."""
    fresh, later = row["fresh_thinking_tokens"], row["continued_thinking_tokens"]
    measure = "thinking tokens"
    if not fresh or later is None:
        fresh, later, measure = row["fresh_response_s"], row["continued_response_s"], "seconds"
    if not fresh or later is None:
        return ""
    return (
        f"Continued ÷ fresh, {results.named(row['model'])}: {figure(later / fresh, '×')} the "
        f"{measure} (n\u00a0{row['continued_n']} and {row['fresh_n']})."
    )
