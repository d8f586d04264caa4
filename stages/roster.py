"""Stage ``roster@TEST``: the manifests of one test's models, in one file.

DVC can't make a stage depend on a list of files that a parameter names. This file changes only
when one of the roster's own models does, so another model that comes or goes reruns no test.
"""

from __future__ import annotations

from pathlib import Path

from stages.errors import only_argument, run
from stages.files import write_json
from stages.manifest import read_manifest
from stages.plans.units import SidebysidePlan


def main(argv: list[str]) -> None:
    """Read the test's plan and ``data/models``, write ``data/rosters/TEST.json``."""
    test = only_argument(argv, "TEST")
    plan = SidebysidePlan.read(Path(f"data/plan/sidebyside/{test}.json"))
    entries = [read_manifest(asking.key).model_dump() for asking in plan.roster]
    write_json(Path(f"data/rosters/{test}.json"), entries)


if __name__ == "__main__":
    run(main)
