"""The same question with the same seed, once more and once more: does a model say the same again?

Each time the model is loaded anew and asked (``fresh``), and then asked once more (``warm``), when
its server has the prompt in its cache. The answers are cut short: where two texts part, they do so
early, and a thought of ten minutes would tell no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from stages.engines.protocol import EngineError, Running, Serving
from stages.manifest import Manifest
from stages.measuring.attempts import attempt
from stages.measuring.conversation import Asked, Conversation, Setting
from stages.measuring.raw_tables import Name
from stages.measuring.residents import Residents
from stages.measuring.session import Measuring
from stages.measuring.unit_id import unit_id
from stages.measuring.work import Work
from stages.plans.units import GeneratePlan, Unit

TOKENS = 128


@dataclass(frozen=True)
class Repeat:
    """One load of the model, and the question asked twice: kept together or not at all."""

    fresh: Conversation
    warm: Conversation

    @property
    def key(self) -> str:
        """The identity of both."""
        setting, unit = self.fresh.setting, self.fresh.unit
        return unit_id(
            member=setting.member,
            messages=[{"role": "user", "content": turn} for turn in unit.turns],
            seed=unit.seed,
            epoch=unit.epoch,
            arm="fresh and warm",
            roster=(),
            turn=1,
        )


def repeats_of(plan: GeneratePlan, manifest: Manifest, serving: Serving) -> list[Repeat]:
    """What is to be asked again, where ``serving`` is what answers otherwise."""
    if plan.repeated is None:
        return []
    longest = min(TOKENS, plan.model.options.num_predict)
    shorter: dict[str, Any] = {"num_predict": longest}
    if (thought := plan.model.max_thinking_tokens) is not None:
        shorter["max_thinking_tokens"] = min(thought, longest // 2)
    asking = plan.model.model_copy(
        update={
            "options": plan.model.options.model_copy(update={"num_predict": longest}),
            "max_thinking_tokens": shorter.get("max_thinking_tokens"),
            "cold": False,
        }
    )
    options = {name: value for name, value in serving.options.items() if name != "cold"}
    serving = replace(serving, options=options | shorter)
    fresh = Setting(asking, manifest, serving, "fresh")
    return [
        Repeat(Conversation(fresh, unit), Conversation(replace(fresh, arm="warm"), unit))
        for unit in _units(plan.repeated, plan.repeats)
    ]


def recall_repeat(repeat: Repeat, work: Work) -> bool:
    """Take both answers from the journal; false where it doesn't have them."""
    setting, unit = repeat.fresh.setting, repeat.fresh.unit
    assert setting.serving is not None  # or there would be no repeats
    name = Name(setting.asking.key, unit.prompt_id, None)
    label = ((name.model,), name.prompt_id, None)
    found = work.find(repeat.key, label, [setting.serving.engine_version])
    if found is None:
        return False
    work.reuse(found, [name, name])
    return True


def ask_again(
    repeats: Sequence[Repeat],
    plan: GeneratePlan,
    manifest: Manifest,
    session: Measuring,
    work: Work,
) -> None:
    """Ask what the journal hasn't. Where the model can't be loaded, say so and leave the rest."""
    key = plan.model.key
    asking = repeats[0].fresh.setting.asking
    with Residents([asking], {key: manifest}, plan.limits, session) as residents:
        for repeat in repeats:
            work.interruption.check()
            residents.drop([key])
            name = f"{key}: {repeat.fresh.unit.prompt_id}"
            ask = partial(_both, repeat, session.session_id)
            try:
                responses = attempt(residents, [key], plan.limits.retries, name, ask)
            except EngineError as error:
                work.say_once(f"whether its texts repeat wasn't looked at: {error}")
                return
            work.keep(repeat.key, responses)


def _both(
    repeat: Repeat, session_id: str, running: Mapping[str, Running], tries: int
) -> Sequence[Asked]:
    model = running[repeat.fresh.setting.asking.key]
    return [
        each.ask(model, session_id, tries, model.held()) for each in (repeat.fresh, repeat.warm)
    ]


def _units(unit: Unit, count: int) -> list[Unit]:
    """The unit with one seed, numbered by its epoch."""
    return [unit.model_copy(update={"epoch": number}) for number in range(1, count + 1)]
