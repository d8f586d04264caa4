"""What failed, by kind of fault and one by one, and what came but wasn't what was asked for."""

from __future__ import annotations

from stages.reporting.escape import inline, without_folders
from stages.reporting.markdown import cited, note, styled, table
from stages.reporting.numbers import UNKNOWN, count, figure
from stages.reporting.results import Results

_SHOWN = 30
_FAULTS = {
    "connection": "nobody answered at the server’s address",
    "reset": "the connection was lost before the end",
    "stall": "no text for stall_s",
    "deadline": "timeout_s passed",
    "busy": "the server asked to come back later",
    "failed": "the server failed",
    "rejected": "the server wouldn’t answer this request",
    "reported": "the server reported an error in mid-answer",
    "garbage": "what came wasn’t what the protocol knows",
    "unfinished": "the stream ended without its last piece",
    "refused": "not asked, for the reason below",
}


def failed(results: Results) -> str:
    """The failed responses with their kinds of fault and reasons."""
    parts = [*_kinds(results), *_each(results)]
    if not parts:
        parts = [f"Nothing failed. {cited('failures')}"]
    return "\n\n".join([*parts, *_mended(results), *_shortened(results)])


def _kinds(results: Results) -> list[str]:
    rows = results.rows("FROM faults")
    if not rows:
        return []
    cells = [
        (
            f"**{inline(row['fault'])}**",
            inline(_FAULTS.get(row["fault"], UNKNOWN)),
            str(row["n"]),
            figure(row["tries"]),
        )
        for row in rows
    ]
    said = "n: responses that ended so; tries: how often they were asked in all."
    header = ("Fault", "What happened", "n", "Tries")
    return [table(header, cells, (18, 58, 12, 12), "llrr"), note(said, "faults")]


def _each(results: Results) -> list[str]:
    rows = results.rows(
        """SELECT source, model, status, fault, coalesce(reason, '') AS reason, count(*) AS n,
            sum(tries)::BIGINT AS tries, min(prompt_id) AS prompt_id
        FROM failures GROUP BY source, model, status, fault, reason
        ORDER BY n DESC, source, model, status, fault, reason"""
    )
    if not rows:
        return []
    cells = [
        (
            inline(row["source"]),
            results.label(row["model"]),
            inline(row["fault"] or row["status"]),
            inline(without_folders(row["reason"])[:300]) or UNKNOWN,
            str(row["n"]),
            figure(row["tries"]),
            inline(row["prompt_id"]),
        )
        for row in rows[:_SHOWN]
    ]
    more = len(rows) - len(cells)
    said = f"{count(more, 'more kind')} not shown." if more > 0 else ""
    header = ("Source", "Model", "Fault", "Reason", "n", "Tries", "First prompt")
    return [table(header, cells, (14, 20, 10, 30, 5, 6, 15), "llllrrl"), note(said, "failures")]


def _mended(results: Results) -> list[str]:
    row = results.one("SELECT count(*) AS n FROM scored WHERE tries > 1 AND NOT failed")
    if row is None or not row["n"]:
        return []
    return [f"{count(row['n'], 'response')} came only after further tries. {cited('scored')}"]


def _shortened(results: Results) -> list[str]:
    rows = results.rows(
        """SELECT model, prompt_id, count(*) AS n, max(prompt_tokens) AS prompt_tokens,
            max(num_ctx) AS num_ctx
        FROM shortened_prompts GROUP BY model, position, prompt_id
        ORDER BY position, model, prompt_id"""
    )
    if not rows:
        return []
    said = "; ".join(
        f"{results.named(row['model'])} {inline(row['prompt_id'])}, n\u00a0{row['n']}, at most "
        f"{figure(row['prompt_tokens'])} tokens read in a context of {figure(row['num_ctx'])}"
        for row in rows[:_SHOWN]
    )
    more = len(rows) - _SHOWN
    tail = f"; {count(more, 'more prompt')} not shown" if more > 0 else ""
    text = (
        "**Shortened prompts.** The server left out some of what it was sent, and said nothing: "
        f"its own count of the prompt is too small, or fills the whole context. {said}{tail}. "
        "These responses came and keep their status, but they answer another question: raise "
        f"{styled('code', inline('num_ctx'))} and run again. A prompt that lost only a little "
        f"isn’t found. {cited('shortened_prompts')}"
    )
    return [text]
