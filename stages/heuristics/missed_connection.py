"""Whether the answer keeps apart what belongs together."""

from __future__ import annotations

from stages.heuristics.against_truth import against_truth

HEURISTIC = against_truth(
    "missed_connection",
    "related",
    ("separate", "implicit_separate"),
    meaning="Keeps topics apart whose truth is related",
    source="The counterpart of forced_connection: a model that never connects is no better.",
)
