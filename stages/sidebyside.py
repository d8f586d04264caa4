"""Stage ``sidebyside@TEST``: the same units alone and together, interleaved in random order."""

from __future__ import annotations

import random
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from stages.engines.protocol import EngineError, Running
from stages.errors import only_argument, run
from stages.manifest import Manifest, Missing, read_roster
from stages.measuring.conversation import Setting, hold, refuse
from stages.measuring.lifeline import watch_parents
from stages.measuring.progress import Tally
from stages.measuring.recorder import Recorder
from stages.measuring.residents import Residents
from stages.measuring.session import Measuring, measuring
from stages.plans.units import SidebysidePlan, Unit


@dataclass(frozen=True)
class Block:
    """What happens at one time: one unit, asked of one model alone or of the whole roster."""

    unit: Unit
    keys: tuple[str, ...]
    arm: str


def main(argv: list[str]) -> None:
    """Read the test's plan and its roster, write ``data/sidebyside/TEST/*.parquet``."""
    test = only_argument(argv, "TEST")
    watch_parents()
    plan = SidebysidePlan.read(Path(f"data/plan/sidebyside/{test}.json"))
    manifests = read_roster(test)
    blocks = interleave(plan)
    responses = sum(len(block.keys) * len(block.unit.turns) for block in blocks)
    with (
        measuring(Path("data/sidebyside") / test, plan.trace_hz) as session,
        Tally(f"sidebyside {test}", responses) as tally,
        Residents(plan.roster, manifests, plan.limits, session) as residents,
    ):
        recorder = Recorder(session.spool, tally)
        try:
            for block in blocks:
                _measure(block, plan, manifests, session, residents, recorder)
        finally:
            recorder.close()


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


def _measure(
    block: Block,
    plan: SidebysidePlan,
    manifests: dict[str, Manifest | Missing],
    session: Measuring,
    residents: Residents,
    recorder: Recorder,
) -> None:
    askings = {asking.key: asking for asking in plan.roster}
    session_id = session.session.session_id
    roster = [f"{key} {_weights(manifests[key])}" for key in block.keys]
    settings = {
        key: Setting(askings[key], manifests[key], session_id, block.arm, plan.test, roster)
        for key in block.keys
    }
    try:
        running = residents.exactly(block.keys)
    except EngineError as error:
        print(f"sidebyside: {plan.test}: {error}", file=sys.stderr)
        for key, setting in settings.items():
            options = askings[key].options.model_dump()
            refuse(setting, block.unit, options, str(error), recorder.add)
        return
    _ask_at_once(block.unit, settings, running, plan.limits.retries, recorder)


def _ask_at_once(
    unit: Unit,
    settings: dict[str, Setting],
    running: dict[str, Running],
    retries: int,
    recorder: Recorder,
) -> None:
    """One thread a model; all wait for each other before each turn.

    Together nothing is tried again: the others would have gone on meanwhile.
    """
    tries = retries if len(settings) == 1 else 0
    start = threading.Barrier(len(settings))
    faults: list[BaseException] = []

    def ask(key: str) -> None:
        try:
            hold(settings[key], unit, running[key], recorder.add, tries, start.wait)
        except BaseException as fault:  # noqa: BLE001 (it is raised again where it is seen)
            faults.append(fault)  # before the others' waiting breaks, which isn't the fault
            start.abort()

    threads = [threading.Thread(target=ask, args=(key,), daemon=True) for key in settings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _weights(entry: Manifest | Missing) -> str | None:
    return entry.weights_digest if isinstance(entry, Manifest) else None


if __name__ == "__main__":
    run(main)
