"""Stage ``generate@MODEL``: ask one model everything planned, alone, while the tracer watches."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from stages.engines.protocol import EngineError
from stages.engines.select import engine_for
from stages.errors import only_argument, run
from stages.manifest import Manifest, Missing, read_manifest
from stages.measuring.conversation import Setting, hold, refuse
from stages.measuring.lifeline import watch_parents
from stages.measuring.progress import Tally
from stages.measuring.recorder import Recorder
from stages.measuring.session import Measuring, measuring
from stages.plans.units import GeneratePlan


def main(argv: list[str]) -> None:
    """Read the model's plan and manifest, write ``data/responses/MODEL/*.parquet``."""
    key = only_argument(argv, "MODEL")
    watch_parents()
    plan = GeneratePlan.read(Path(f"data/plan/generate/{key}.json"))
    manifest = read_manifest(key)
    turns = sum(len(unit.turns) for unit in plan.units)
    with (
        measuring(Path("data/responses") / key, plan.trace_hz) as session,
        Tally(f"generate {key}", turns) as tally,
    ):
        _ask_all(plan, manifest, session, Recorder(session.spool, tally))


def _ask_all(
    plan: GeneratePlan, manifest: Manifest | Missing, session: Measuring, recorder: Recorder
) -> None:
    # In the order of the plan, whatever warms up or drifts would pass for a prompt's difference.
    units = random.Random(f"{plan.order_seed} {plan.model.key}").sample(plan.units, len(plan.units))
    setting = Setting(plan.model, manifest, session.session.session_id, "solo")
    try:
        if isinstance(manifest, Missing):
            raise EngineError(f"the model couldn't be had: {manifest.error}")
        engine = engine_for(manifest)
        with engine.start(manifest, plan.model, plan.limits, 1, session.log) as running:
            for pid in running.processes:
                session.tracer.watch(pid, plan.model.key, "engine")
            session.tracer.settle()
            for unit in units:
                hold(setting, unit, running, recorder.add, plan.limits.retries)
            session.tracer.settle()
    except EngineError as error:
        print(f"generate: {plan.model.key}: {error}", file=sys.stderr)
        for unit in units:
            refuse(setting, unit, plan.model.options.model_dump(), str(error), recorder.add)


if __name__ == "__main__":
    run(main)
