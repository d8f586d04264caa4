from __future__ import annotations

from collections import Counter

from stages.plans.units import Asking, Limits, SidebysidePlan, Unit
from stages.sidebyside import interleave


def plan(asking: Asking, seed: int) -> SidebysidePlan:
    roster = [asking.model_copy(update={"key": key}) for key in ("a", "b")]
    units = [Unit(prompt_id="p", turns=["?"], epoch=epoch, seed=epoch) for epoch in (1, 2, 3)]
    limits = Limits(timeout_s=1, stall_s=1, retries=0)
    return SidebysidePlan(
        test="t",
        roster=roster,
        units=units,
        limits=limits,
        reuse="any",
        order_seed=seed,
        trace_hz=20,
    )


def test_every_unit_is_asked_alone_of_each_and_together_of_all(asking: Asking) -> None:
    blocks = interleave(plan(asking, 1))
    assert Counter((block.unit.epoch, block.arm, block.keys) for block in blocks) == Counter(
        (epoch, arm, keys)
        for epoch in (1, 2, 3)
        for arm, keys in (("alone", ("a",)), ("alone", ("b",)), ("together", ("a", "b")))
    )


def test_the_order_is_the_seeds_and_mixes_the_arms(asking: Asking) -> None:
    orders = [[block.arm for block in interleave(plan(asking, seed))] for seed in range(8)]
    assert interleave(plan(asking, 3)) == interleave(plan(asking, 3))
    assert len({tuple(order) for order in orders}) > 1
    assert any(order != sorted(order) for order in orders)
