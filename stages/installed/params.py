"""params.yaml for the models that Ollama holds: a preset with these models in place of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stages.installed.catalogue import Installed, LeftOut
from stages.installed.choice import Choice, choose, roster
from stages.installed.keys import keys
from stages.installed.writing import written
from stages.params.models import Model, ModelOptions
from stages.params.root import Params
from stages.sizing.capacity import Capacity
from stages.sizing.remark import Size, available, needed, remark


@dataclass(frozen=True)
class Written:
    """The text of params.yaml, and what is in it."""

    text: str
    models: list[str]
    together: list[str]
    left_out: list[LeftOut]


def installed_params(
    base: Params,
    models: Sequence[Installed],
    left_out: Sequence[LeftOut],
    room: Capacity | None,
    cores: int,
) -> Written:
    """``base`` with ``models``, as far as they fit in ``room``; no text where none does.

    At most as many run side by side as there are ``cores``.
    """
    choices, too_large = choose(models, room)
    if not choices:
        return Written("", [], [], [*left_out, *too_large])
    names = keys((choice.model.tag for choice in choices), (*base.sidebyside, *base.transcripts))
    together = [names[choice.model.tag] for choice in roster(choices, room, cores)]
    tests = base.sidebyside.items() if together else ()
    params = base.model_copy(
        update={
            "models": {names[choice.model.tag]: _model(base, choice) for choice in choices},
            "sidebyside": {
                name: test.model_copy(update={"models": together}) for name, test in tests
            },
            "report": base.report.model_copy(update={"title": "My models, tried here"}),
        }
    )
    remarks = {names[choice.model.tag]: _remark(choice, room) for choice in choices}
    left = [*left_out, *too_large]
    text = written(params, _introduction(room), remarks, [f"{m.tag}: {m.reason}" for m in left])
    return Written(text, list(remarks), together, left)


def _model(base: Params, choice: Choice) -> Model:
    general = base.generation
    options = ModelOptions()
    if (choice.num_ctx, choice.num_predict) != (general.num_ctx, general.num_predict):
        options = ModelOptions(num_ctx=choice.num_ctx, num_predict=choice.num_predict)
    return Model(ollama=choice.model.tag, think=choice.model.thinks, options=options)


def _remark(choice: Choice, room: Capacity | None) -> str:
    model, said = choice.model, []
    if model.size_bytes is None:
        said.append("the server doesn't say its size")
    elif choice.memory_bytes is None:
        said.append(
            f"{needed(model.size_bytes)} of weights; its context's share of memory isn't known"
        )
    else:
        said.append(remark(Size(model.size_bytes, choice.memory_bytes)))
    if model.thinks:
        said.append("thinks")
    if choice.memory_bytes and room and 0 < room.gpu_bytes < choice.memory_bytes:
        said.append(f"partly on the CPU, as the GPU has {available(room.gpu_bytes)} for it")
    if choice.cut_short and model.context_length == choice.num_ctx:
        said.append("its context is no larger")
    elif choice.cut_short:
        said.append("a larger context may not fit")
    return "; ".join(said)


def _introduction(room: Capacity | None) -> str:
    have = f"may take {room}" if room else "run on another machine, whose memory isn't known here"
    return (
        "What Overthink runs: the models that Ollama held when `overthink init --installed` wrote "
        f"this. They {have}. Edit it, then `make repro`. Memory is an estimate with the context "
        "that each model has here; a thought longer than num_predict is cut off."
    )
