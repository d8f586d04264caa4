"""How often the thinking reconsiders."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, reasons
from stages.heuristics.language import ascii_edges, is_english
from stages.plans.score import ScorePlan

NAME = "hesitations_per_1k"

# "Wait" is the word with which a thought is prolonged in s1 (arXiv 2501.19393); the others are of
# the kinds that THINK-Bench counts (arXiv 2505.22113): doubt, checking again, another approach.
_AGAIN = r"(?:re-?check|re-?consider|re-?think|re-?read|re-?examine|double[- ]check|verify)"
PHRASES = (
    r"\bWait\b",
    r"\bwait\s*[,.!?…—–-]",
    r"\bwait,?\s+(?:no|actually|but|maybe|let|is|that|what|if|i)\b",
    r"(?i:\bh+m+\b)",
    r"(?i:\bhold on\b)",
    r"(?i:\balternatively\b)",
    r"(?i:\bon second thoughts?\b)",
    r"(?i:\bactually,\s+(?:no|let|maybe|that|i)\b)",
    rf"(?i:\blet(?:['’]?s| me| us) (?:just )?{_AGAIN}\b)",
    r"(?i:\blet(?:['’]?s| me| us) (?:check|think) again\b)",
    r"(?i:\blet(?:['’]?s| me| us) (?:start over|try again|go back|backtrack)\b)",
    rf"(?i:\bi(?: should| need to| might|['’]ll) {_AGAIN}\b)",
    r"(?i:\b(?:am|was) i (?:sure|wrong|missing)\b)",
    r"(?i:\bi(?:['’]m| am) (?:not (?:so |entirely |completely )?sure|confused)\b)",
    r"(?i:\bthat (?:doesn['’]t|does not|can['’]t|cannot) (?:seem|be|sound) right\b)",
    r"(?i:\bi (?:made|may have made|might have made) a mistake\b)",
)
_ANY = ascii_edges("|".join(PHRASES))


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """1,000 × matches of ``PHRASES`` in the thinking ÷ thinking_tokens.

    The phrases are English, so a thought in another language has no value. Counting stops at no
    limit and knows no context: a thought that quotes the word "wait" counts it.
    """
    thinking, tokens = pl.col("thinking"), pl.col("thinking_tokens")
    english = is_english(thinking)
    per_1k = 1000 * thinking.str.count_matches(_ANY) / tokens
    values = frame.select(pl.when(english & (tokens > 0)).then(per_1k).cast(pl.Float64).alias(NAME))
    why = (
        pl.when(values[NAME].is_not_null())
        .then(None)
        .when(thinking.is_null())
        .then(pl.lit("there is no thinking"))
        .when(~english)
        .then(pl.lit("the thinking isn't in English"))
        .otherwise(pl.lit("its tokens weren't counted"))
    )
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Float64,
            "1/1k tokens",
            "Reconsidering phrases per 1,000 thinking tokens; null without English thinking.",
        ),
    ),
    needs=("thinking", "thinking_tokens"),
    requires=("thinking_tokens",),
    source="arXiv 2501.19393, arXiv 2505.22113; the list is PHRASES.",
    compute=compute,
)
