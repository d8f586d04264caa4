"""Stage ``sidebyside@TEST``: the same units alone and together, interleaved in random order."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from stages.errors import only_argument, run
from stages.manifest import Manifest, Missing, read_roster
from stages.measuring.conversation import Conversation, Setting
from stages.measuring.fitting import obstacles, twins
from stages.measuring.kept import Label
from stages.measuring.lifeline import watch_parents
from stages.measuring.residents import Residents
from stages.measuring.serving import serving_of
from stages.measuring.session import Measuring
from stages.measuring.solo import converse, recall, refuse
from stages.measuring.together import (
    Settings,
    converse_together,
    recall_together,
    refuse_together,
)
from stages.measuring.work import Work, working
from stages.plans.retry import RetryPlan
from stages.plans.units import SidebysidePlan, Unit


@dataclass(frozen=True)
class Block:
    """What happens at one time: one unit, asked of one model alone or of the whole roster."""

    unit: Unit
    keys: tuple[str, ...]
    arm: str


def main(argv: list[str]) -> None:
    """Read the test's plan and its roster, write ``data/sidebyside/TEST/*.parquet``.

    What the journal has isn't asked again.
    """
    test = only_argument(argv, "TEST")
    watch_parents()
    plan = SidebysidePlan.read(Path(f"data/plan/sidebyside/{test}.json"))
    mark = RetryPlan.read(Path(f"data/plan/retry/{test}.json")).mark
    blocks = interleave(plan)
    total = sum(len(block.keys) * len(block.unit.turns) for block in blocks)
    planned: set[Label] = {
        (tuple(sorted(block.keys)), block.unit.prompt_id, test) for block in blocks
    }
    with working(
        f"sidebyside {test}", total, planned, plan.reuse, plan.limits.timeout_s, mark
    ) as work:
        _answer(plan, blocks, read_roster(test), work)
        work.write(Path("data/sidebyside") / test)


def interleave(plan: SidebysidePlan) -> list[Block]:
    """Every unit alone on each model and together on all, in an order drawn from the seed.

    Drift (a warming chip, a filling disk) then falls on both arms alike.
    """
    keys = tuple(asking.key for asking in plan.roster)
    blocks = [
        block
        for unit in plan.units
        for block in (
            *(Block(unit, (key,), "alone") for key in keys),
            Block(unit, keys, "together"),
        )
    ]
    random.Random(f"{plan.order_seed} {plan.test}").shuffle(blocks)
    return blocks


def _answer(
    plan: SidebysidePlan,
    blocks: list[Block],
    manifests: dict[str, Manifest | Missing],
    work: Work,
) -> None:
    settings = _settings(plan, manifests)
    left: list[Block | Conversation] = []
    for block in blocks:
        if block.arm == "together":
            if not recall_together(block.unit, settings, work):
                left.append(block)
        else:
            alone = replace(settings[block.keys[0]], arm="alone")
            conversation = Conversation(alone, block.unit)
            recall(conversation, work)
            if not conversation.done:
                left.append(conversation)
    if not left:
        return
    with work.measuring(plan.trace_hz, plan.trace_idle_s) as session:
        if reason := twins(manifests):
            print(f"sidebyside: {plan.test}: {reason}", file=sys.stderr)
            _refuse(left, settings, session, work, reason)
        else:
            _ask(plan, left, settings, manifests, session, work)


def _settings(plan: SidebysidePlan, manifests: dict[str, Manifest | Missing]) -> dict[str, Setting]:
    """How each model is asked together with the others."""
    servings = {}
    for asking in plan.roster:
        serving, reason = serving_of(manifests[asking.key], asking, len(plan.roster))
        servings[asking.key] = serving
        if reason:
            print(f"sidebyside: {plan.test}: {asking.key}: {reason}", file=sys.stderr)
    settings = {
        asking.key: Setting(
            asking,
            manifests[asking.key],
            servings[asking.key],
            "together",
            plan.test,
            carry_thinking=plan.carry_thinking,
        )
        for asking in plan.roster
    }
    roster = [setting.member for setting in settings.values()]
    return {key: replace(setting, roster=roster) for key, setting in settings.items()}


def _ask(
    plan: SidebysidePlan,
    left: list[Block | Conversation],
    settings: Settings,
    manifests: dict[str, Manifest | Missing],
    session: Measuring,
    work: Work,
) -> None:
    retries = plan.limits.retries
    servings = {key: setting.serving for key, setting in settings.items()}
    for obstacle in obstacles(plan.roster, manifests, servings, session.log):
        print(f"sidebyside: {plan.test}: {obstacle}", file=sys.stderr)
    with Residents(plan.roster, manifests, plan.limits, session) as residents:
        for item in left:
            if isinstance(item, Conversation):
                converse(item, residents, session, work, retries)
            else:
                converse_together(item.unit, settings, residents, session, work, retries)


def _refuse(
    left: list[Block | Conversation],
    settings: Settings,
    session: Measuring,
    work: Work,
    reason: str,
) -> None:
    for item in left:
        if isinstance(item, Conversation):
            refuse(item, session, work, reason)
        else:
            refuse_together(item.unit, settings, session, work, reason)


if __name__ == "__main__":
    run(main)
