from __future__ import annotations

from pathlib import Path

from stages.heuristics import overthinks
from stages.params.scoring import Scoring
from stages.plans.score import ScorePlan
from stages.scored.worst import EVIDENCE, FIGURES, overthinking, worst
from tests.scored.samples import shown, spooled

ROWS = [
    {"overthinks": False, "overthinks_because": [], "thinking_tokens": 9},
    {"overthinks": True, "overthinks_because": ["loop"], "thinking_tokens": 5},
    {"overthinks": None, "thinking_tokens": 9},
    {"overthinks": True, "overthinks_because": ["loop"], "thinking_tokens": 7},
    {"overthinks": True, "overthinks_because": ["loop"]},
    {"overthinks": True, "overthinks_because": ["loop", "early_solution"], "thinking_tokens": 1},
    {"overthinks": True, "overthinks_because": ["loop"], "thinking_tokens": 7},
]


def test_those_for_most_reasons_first_and_then_the_longest(tmp_path: Path) -> None:
    found = spooled(tmp_path, *ROWS)
    assert overthinking(found) == 5
    assert [one.scores["id"] for one in worst(found, 10)] == ["i5", "i3", "i6", "i1", "i4"]
    assert [one.scores["id"] for one in worst(found, 2)] == ["i5", "i3"]
    assert worst(found, 0) == []


def test_the_evidence_is_that_of_the_reasons(tmp_path: Path) -> None:
    notes = [shown("stance", "no link"), shown("loop", "a b", "answer", 9),
             shown("loop", "b c", "thinking", 5)]  # fmt: skip
    (found,) = worst(spooled(tmp_path, ROWS[0], ROWS[1] | {"notes": notes}), 5)
    assert [note["text"] for note in found.evidence] == ["b c", "a b"]


def test_every_reason_of_the_verdict_is_known() -> None:
    settings = ScorePlan.model_validate(Scoring().model_dump())
    known = set(overthinks.conditions(settings))
    assert set(EVIDENCE) | set(FIGURES) <= known
    assert known - set(FIGURES) == {"thought_cut_off"}
