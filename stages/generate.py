"""Stage ``generate@MODEL``: ask one model everything planned, alone, while the tracer watches."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from stages.errors import only_argument, run
from stages.manifest import Manifest, Missing, read_manifest
from stages.measuring.conversation import Conversation, Setting
from stages.measuring.kept import Label
from stages.measuring.lifeline import watch_parents
from stages.measuring.repeats import ask_again, recall_repeat, repeats_of
from stages.measuring.residents import Residents
from stages.measuring.serving import serving_of
from stages.measuring.solo import converse, recall, refuse
from stages.measuring.work import Work, working
from stages.plans.retry import RetryPlan
from stages.plans.units import GeneratePlan


def main(argv: list[str]) -> None:
    """Read the model's plan and manifest, write ``data/responses/MODEL/*.parquet``.

    What the journal has isn't asked again.
    """
    key = only_argument(argv, "MODEL")
    watch_parents()
    plan = GeneratePlan.read(Path(f"data/plan/generate/{key}.json"))
    mark = RetryPlan.read(Path(f"data/plan/retry/{key}.json")).mark
    manifest = read_manifest(key)
    total = sum(len(unit.turns) for unit in plan.units)
    if isinstance(manifest, Manifest) and plan.repeated:
        total += 2 * plan.repeats
    planned: set[Label] = {((key,), unit.prompt_id, None) for unit in plan.units}
    with working(
        f"generate {key}", total, planned, plan.reuse, plan.limits.timeout_s, mark
    ) as work:
        _answer(plan, manifest, work)
        work.write(Path("data/responses") / key)


def _answer(plan: GeneratePlan, manifest: Manifest | Missing, work: Work) -> None:
    key = plan.model.key
    serving, reason = serving_of(manifest, plan.model, 1)
    setting = Setting(plan.model, manifest, serving, "solo", carry_thinking=plan.carry_thinking)
    # In the order of the plan, whatever warms up or drifts would pass for a prompt's difference.
    units = random.Random(f"{plan.order_seed} {key}").sample(plan.units, len(plan.units))
    conversations = [Conversation(setting, unit) for unit in units]
    for conversation in conversations:
        recall(conversation, work)
    left = [conversation for conversation in conversations if not conversation.done]
    again = []
    if isinstance(manifest, Manifest) and serving:
        repeats = repeats_of(plan, manifest, serving)
        again = [repeat for repeat in repeats if not recall_repeat(repeat, work)]
    if not (left or again):
        return
    with work.measuring(plan.trace_hz, plan.trace_idle_s) as session:
        if reason:
            print(f"generate: {key}: {reason}", file=sys.stderr)
            for conversation in left:
                refuse(conversation, session, work, reason)
            return
        with Residents([plan.model], {key: manifest}, plan.limits, session) as residents:
            for conversation in left:
                converse(conversation, residents, session, work, plan.limits.retries)
        if again and isinstance(manifest, Manifest):
            ask_again(again, plan, manifest, session, work)


if __name__ == "__main__":
    run(main)
