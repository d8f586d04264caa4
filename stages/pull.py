"""Stage ``pull@MODEL``: make sure of one model, and write down what it is.

A model that can't be had doesn't stop the others: its entry says why, its responses become rows
that say so, and ``gate`` fails the run once the report is there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stages.engines.embedded_pull import pull_embedded
from stages.engines.ollama_pull import pull_ollama
from stages.engines.protocol import EngineError
from stages.errors import UserError, only_argument, run
from stages.manifest import Manifest, Missing, write_manifest
from stages.plans.pull import PullPlan


def main(argv: list[str]) -> None:
    """Read ``data/plan/pull/MODEL.json``, write ``data/models/MODEL.json``."""
    key = only_argument(argv, "MODEL")
    plan = PullPlan.read(Path(f"data/plan/pull/{key}.json"))
    entry: Manifest | Missing
    try:
        entry = pull_embedded(plan) if plan.engine == "embedded" else pull_ollama(plan)
    except (UserError, EngineError, OSError, ValueError) as error:
        entry = Missing(key=key, engine=plan.engine, error=str(error))
        print(f"pull: {key}: {error}", file=sys.stderr)
    else:
        size = entry.size_bytes / 1e9
        print(
            f"pull: {key} is {entry.name or 'unnamed'}, {size:.2f} GB, {entry.weights_digest[:19]}…"
        )
    write_manifest(entry)


if __name__ == "__main__":
    run(main)
