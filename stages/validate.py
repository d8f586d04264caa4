"""Stage ``validate``: how often the heuristics are right on labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stages.errors import run
from stages.files import write_json
from stages.plans.score import ScorePlan
from stages.validating import abstention, correctness, loops, stance, topics


def main(_argv: list[str]) -> None:
    """Measure on ``data/labels/*.jsonl``, write ``data/validation.json``."""
    settings = ScorePlan.read(Path("data/plan/score.json"))
    found = validate(settings)
    write_json(Path("data/validation.json"), found)
    for heuristic, result in found.items():
        measures = result["measures"]
        figure = measures.get("balanced_accuracy:held_out", measures["balanced_accuracy"])
        print(
            f"validate: {heuristic}: balanced accuracy {figure['value']} "
            f"({figure['low']} to {figure['high']}, n = {figure['n']})"
        )


def validate(settings: ScorePlan) -> dict[str, Any]:
    """Every measured heuristic with its figures, in the shape of ``data/validation.json``.

    Each module of ``stages/validating`` says in its ``method`` what its figures mean.
    """
    return {
        **stance.measured(),
        "topics_related": topics.measured(settings),
        "abstains": abstention.measured(settings),
        "correct": correctness.measured(settings),
        "loop": loops.measured(settings),
    }


if __name__ == "__main__":
    run(main)
