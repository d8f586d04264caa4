"""How the models were asked: arms, settings, prompts."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import cited, note, styled, table
from stages.reporting.numbers import UNKNOWN, count
from stages.reporting.results import Results

_SHOWN_PROMPTS = 40

_IN_WORDS = """Every model answers every prompt by itself (*solo*), in an order drawn at random from
the seed, once an epoch, each epoch with its own seed; every sampling option is sent with each
request. Comparisons of time between models rest on the side-by-side tests: there each prompt is
asked of each model *alone* and of all at the same moment (*together*), the two interleaved at
random. Nothing else is meant to run on the machine meanwhile; a separate process reads its counters
throughout."""


def method(results: Results) -> str:
    """How it was asked: settings, arms, prompts."""
    paragraphs = [_IN_WORDS]
    tests = [
        f"{inline(row['test'])} ({', '.join(map(inline, row['roster']))})"
        for row in results.rows("FROM tests ORDER BY position")
    ]
    if tests:
        paragraphs.append(f"Side-by-side tests: {'; '.join(tests)}.")
    if settings := results.rows("FROM settings"):
        said = ", ".join(
            f"{styled('code', inline(row['name']))}\u00a0{inline(row['value'])}" for row in settings
        )
        paragraphs.append(f"Settings, unless a model has its own: {said}. {cited('settings')}")
    if threads := results.rows("FROM threads WHERE threads IS NOT NULL"):
        said = "; ".join(f"{inline(row['model'])} {row['threads']} {row['run']}" for row in threads)
        paragraphs.append(
            f"Threads a model, chosen so that models never share a core: {said}. {cited('threads')}"
        )
    paragraphs.append(_prompts(results))
    if tokens := _tokens(results):
        paragraphs.append(tokens)
    if kept := results.kept():
        paragraphs.append(
            f"{kept}: the same units had been asked then, and what they cost was measured then. "
            f"{cited('run_summary')}"
        )
    return "\n\n".join(paragraphs)


_COUNTED = {
    "engine": "counted by the engine",
    "tokenizer": "counted with the model's tokenizer",
    "estimated": "estimated from the text (mean error about 8 %)",
    None: "not known",
}


def _tokens(results: Results) -> str:
    """How tokens were counted, and how many belong to no part."""
    rows = results.rows("FROM token_counts")
    if not rows:
        return ""
    said = ", ".join(f"{_COUNTED[row['method']]} in {count(row['n'], 'response')}" for row in rows)
    whole = sum(row["n_whole"] for row in rows)
    text = f"Tokens of thinking and answer: {said}."
    if whole:
        left = sum(row["unattributed"] or 0 for row in rows)
        text += (
            f" The engine also counted the whole of {count(whole, 'response')}: "
            f"{count(left, 'token')} stayed unattributed, as a rule those that end a turn."
        )
    return f"{text} {cited('token_counts')}"


def _prompts(results: Results) -> str:
    rows = results.rows(
        """SELECT p.prompt_id, p.turns, p.truth, p.reference, p.pair, p.reconstructed, count(*) AS n
        FROM prompts p JOIN scored r ON r.prompt_id = p.prompt_id
        GROUP BY ALL ORDER BY any_value(p.set) <> 'original', any_value(p.set), p.prompt_id"""
    )
    if not rows:
        return "No prompt was asked."
    cells = []
    for row in rows[:_SHOWN_PROMPTS]:
        facts = [f"topics {row['truth']}"] if row["truth"] else []
        facts += ["has a reference"] if row["reference"] else []
        facts += [f"pair {inline(row['pair'])}"] if row["pair"] else []
        facts += ["reconstructed"] if row["reconstructed"] else []
        said = " → ".join(inline(_short(turn)) for turn in row["turns"] or [])
        cells.append((inline(row["prompt_id"]), said, ", ".join(facts) or UNKNOWN, str(row["n"])))
    more = len(rows) - len(cells)
    unlisted = f" {more} more prompts are not listed." if more else ""
    return "\n\n".join(
        [
            table(("Prompt", "Text", "Known of it", "Responses"), cells, (22, 50, 20, 10), "lllr"),
            note(
                "Reconstructed: worded by us, since the original shows only its topics. → parts "
                f"the turns of a conversation.{unlisted}",
                "scored",
            ),
        ]
    )


def _short(text: str, longest: int = 160) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
