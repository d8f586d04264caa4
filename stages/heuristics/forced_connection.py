"""Whether the answer connects what has nothing to do with each other."""

from __future__ import annotations

from stages.heuristics.against_truth import against_truth

HEURISTIC = against_truth(
    "forced_connection",
    "unrelated",
    ("connect", "mixed"),
    meaning="Connects topics whose truth is unrelated",
    source="The finding of T. Shen, 2025 DeepSeek Test Run, made a measure.",
)
