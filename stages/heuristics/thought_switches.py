"""How often the thinking starts another approach."""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, because, reasons
from stages.heuristics.language import ascii_edges, is_english
from stages.plans.score import ScorePlan

NAME = "thought_switches"

# "Alternatively" marks a new thought in arXiv 2501.18585, which counts them; the others say the
# same in other words. Each must begin a sentence or a clause, so that "an alternative" isn't one.
_WAY = (
    r"(?:approach|way|method|angle|idea|strategy|route|interpretation|possibility|perspective|"
    r"thought|line of (?:thought|reasoning|attack))"
)
_OTHER = r"(?:another|a different|a second|an alternative|some other|one more)"
_TRY = r"(?:try|take|consider|use|explore|look at|think (?:of|about)|go with|start (?:from|with))"
_LET = r"\blet(?:['’]?s| me| us)"
_MAYBE = r"\b(?:maybe|perhaps)"
_TURN = r"(?:wait|but|hmm|or|so|okay|ok|well)\W+(?:maybe\W+)?"
PHRASES = (
    r"\balternatively\b",
    rf"(?:^|[.!?…\n]\W*|\b{_TURN}){_OTHER} {_WAY}\b",
    rf"{_LET} (?:instead )?{_TRY} (?:it |this |that |the problem )?(?:in |from )?{_OTHER} {_WAY}\b",
    rf"{_MAYBE} (?:i|we) (?:should|can|could) {_TRY} (?:it |this )?(?:in |from )?{_OTHER}\b",
    rf"{_MAYBE} there(?:['’]s| is) {_OTHER} {_WAY}\b",
    rf"{_LET} (?:start over|start again|begin again|try something else)\b",
    rf"{_LET} try again (?:from|with) (?:scratch|the beginning)\b",
    r"\b(?:that|this) (?:approach|way|method|idea) (?:doesn|didn|isn|won|does no|is no)['’]?t\b",
)
_ANY = ascii_edges(rf"(?im)(?:{'|'.join(PHRASES)})")


def compute(frame: pl.DataFrame, _settings: ScorePlan) -> Result:
    """Matches of ``PHRASES`` in the thinking, English only."""
    thinking = pl.col("thinking")
    english = is_english(thinking)
    switches = pl.when(english).then(thinking.str.count_matches(_ANY))
    values = frame.select(switches.cast(pl.Int64).alias(NAME))
    why = because(
        (thinking.is_null(), "there is no thinking"),
        (~english, "the thinking isn't in English"),
    )
    return Result(values, reasons(frame, NAME, why))


HEURISTIC = Heuristic(
    name=NAME,
    columns=(
        Column(
            NAME,
            pl.Int64,
            "",
            "Times the thinking starts another approach; null without English thinking.",
        ),
    ),
    needs=("thinking",),
    source="arXiv 2501.18585 counts thoughts that begin with alternatively; the list is PHRASES.",
    compute=compute,
)
