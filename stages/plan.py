"""Stage ``plan``: params.yaml and the prompts, checked, become one small file for each stage.

Every mistake is found here, before anything is pulled. A stage reads only its own file, which has
the same bytes as long as it says the same: so only what really changed runs again.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from stages import retry
from stages.errors import UserError, run
from stages.files import write_json
from stages.params.load import read
from stages.params.models import engine_of, resolved
from stages.params.problems import refuse
from stages.params.root import NAME, Params
from stages.plans.gate import GatePlan
from stages.plans.imports import ImportPlan
from stages.plans.pull import PullPlan
from stages.plans.query import ModelEntry, QueryPlan, TestEntry
from stages.plans.report import ReportPlan
from stages.plans.retry import RetryPlan
from stages.plans.score import Prompt, PromptList, ScorePlan
from stages.plans.units import Asking, GeneratePlan, Limits, Options, SidebysidePlan, Unit
from stages.prompts import FOLDER, Library, choose

PLAN = Path("data/plan")
# What stages keep for each source: a folder of its name, or files with what follows the name.
KEPT = {
    "models": (".json",),
    "responses": ("",),
    "rosters": (".json",),
    "sidebyside": ("",),
    "imported": ("",),
    "transcripts": ("",),
    "scores": (".parquet", ".notes.parquet"),
}


def main(argv: list[str]) -> None:
    """Write ``data/plan``; with ``--check`` only say what is wrong."""
    if argv not in ([], ["--check"]):
        raise UserError(f"plan: found {' '.join(argv)}; give --check or nothing")
    params, prompts, tests = check()
    if argv:
        return
    files = dict(plan_files(params, prompts, tests))
    _remove_others(PLAN, {PLAN / path for path in files})
    for path, plan in files.items():
        write_json(PLAN / path, plan.model_dump())
    sources = {*params.models, *params.sidebyside, *params.transcripts}
    for folder, endings in KEPT.items():
        home = Path("data") / folder
        home.mkdir(parents=True, exist_ok=True)
        prune(home, endings, sources)
    asked = sum(_responses(plan) for plan in files.values())
    print(
        f"plan: {len(params.models)} models, {len(prompts)} prompts, "
        f"{len(params.sidebyside)} side-by-side tests, {asked} responses"
    )


def _responses(plan: BaseModel) -> int:
    """Responses that a plan file asks for: one a turn, and both arms of a side-by-side test."""
    match plan:
        case GeneratePlan():
            return sum(len(unit.turns) for unit in plan.units) + 2 * plan.repeats
        case SidebysidePlan():
            return 2 * len(plan.roster) * sum(len(unit.turns) for unit in plan.units)
        case _:
            return 0


def check() -> tuple[Params, list[Prompt], dict[str, list[Prompt]]]:
    """The parameters, the prompts that models are asked, and those of each test.

    Raises ``UserError`` with every mistake in params.yaml and in the sets that it names.
    """
    reading, library = read(Path("params.yaml")), Library(FOLDER)
    params = reading.params
    prompts = choose(reading, ("prompts",), params.prompts, library)
    tests = {
        name: choose(reading, ("sidebyside", name, "prompts"), test.prompts, library)
        for name, test in params.sidebyside.items()
    }
    refuse([*reading.problems, *library.problems])
    return params, prompts, tests


def plan_files(
    params: Params, prompts: list[Prompt], tests: dict[str, list[Prompt]]
) -> Iterator[tuple[str, BaseModel]]:
    """Every plan file: its path below ``data/plan`` and its content."""
    for key in params.models:
        yield f"pull/{key}.json", _pull(params, key)
        yield f"generate/{key}.json", _generate(params, key, prompts)
    for name in params.sidebyside:
        yield f"sidebyside/{name}.json", _sidebyside(params, name, tests[name])
    for name, transcript in params.transcripts.items():
        yield f"import/{name}.json", ImportPlan(name=name, file=transcript.file)
    asked = {prompt.prompt_id: prompt for chosen in (prompts, *tests.values()) for prompt in chosen}
    marks = retry.marks()
    for source in (*params.models, *params.sidebyside):
        yield f"retry/{source}.json", RetryPlan(mark=marks.get(source))
    yield "prompts.json", PromptList(prompts=[asked[key] for key in sorted(asked)])
    yield "score.json", ScorePlan(**params.scoring.model_dump())
    yield "query.json", _query(params)
    yield "report.json", ReportPlan(**params.report.model_dump())
    yield "gate.json", GatePlan(max_failures=params.generation.max_failures)


def _pull(params: Params, key: str) -> PullPlan:
    model = params.models[key]
    engine = engine_of(params.engine, model)
    return PullPlan(key=key, engine=engine, ollama=model.ollama, gguf=model.gguf, host=model.host)


def _asking(params: Params, key: str, *, cold: bool = False) -> Asking:
    model = params.models[key]
    return Asking(
        key=key,
        think=model.think,
        max_thinking_tokens=model.max_thinking_tokens,
        options=Options(**resolved(model, params.generation)),
        cold=cold,
    )


def _units(params: Params, prompts: list[Prompt], epochs: int) -> list[Unit]:
    """Every prompt in every epoch; epoch 1 is asked with ``seed + 1``.

    Sorted: the order in which prompts are chosen means nothing, as they are asked in random order.
    """
    return [
        Unit(
            prompt_id=prompt.prompt_id,
            turns=prompt.turns,
            epoch=epoch,
            seed=params.generation.seed + epoch,
        )
        for prompt in sorted(prompts, key=lambda prompt: prompt.prompt_id)
        for epoch in range(1, epochs + 1)
    ]


def _limits(params: Params) -> Limits:
    general = params.generation
    return Limits(timeout_s=general.timeout_s, stall_s=general.stall_s, retries=general.retries)


def _generate(params: Params, key: str, prompts: list[Prompt]) -> GeneratePlan:
    units = _units(params, prompts, params.generation.epochs)
    return GeneratePlan(
        model=_asking(params, key, cold=params.generation.cold),
        units=units,
        repeated=units[0].model_copy(update={"turns": units[0].turns[:1]}) if units else None,
        repeats=params.generation.repeats,
        limits=_limits(params),
        reuse=params.generation.reuse,
        carry_thinking=params.generation.carry_thinking,
        order_seed=params.generation.seed,
        trace_hz=params.trace.hz,
        trace_idle_s=params.trace.idle_s,
    )


def _sidebyside(params: Params, name: str, prompts: list[Prompt]) -> SidebysidePlan:
    test = params.sidebyside[name]
    return SidebysidePlan(
        test=name,
        roster=[_asking(params, key) for key in test.models],
        units=_units(params, prompts, test.epochs or params.generation.epochs),
        limits=_limits(params),
        reuse=params.generation.reuse,
        carry_thinking=params.generation.carry_thinking,
        order_seed=params.generation.seed,
        trace_hz=params.trace.hz,
        trace_idle_s=params.trace.idle_s,
    )


def _query(params: Params) -> QueryPlan:
    models = [
        ModelEntry(
            key=key,
            source=str(model.ollama or model.gguf),
            engine=engine_of(params.engine, model),
            think=model.think,
            demo=model.demo,
        )
        for key, model in params.models.items()
    ]
    tests = [TestEntry(name=name, roster=test.models) for name, test in params.sidebyside.items()]
    general = params.generation.model_dump(exclude={"max_failures"}) | {"trace_hz": params.trace.hz}
    if params.trace.tdp_w is not None:
        general["trace_tdp_w"] = params.trace.tdp_w
    settings = {name: _said(value) for name, value in general.items()}
    return QueryPlan(
        models=models, tests=tests, imports=list(params.transcripts), settings=settings
    )


def _said(value: object) -> str:
    """A setting as the user writes it in params.yaml."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).removesuffix(".0")


def prune(folder: Path, endings: tuple[str, ...], sources: set[str]) -> None:
    """Remove what earlier runs made for sources that are gone.

    Only what has the form of a source's file or folder (ending "") goes; links are removed, never
    followed, and a folder that is itself a link out of the project is left alone.
    """
    if not folder.resolve().is_relative_to(Path.cwd().resolve()):
        return
    for path in folder.iterdir():
        name, dot, ending = path.name.partition(".")
        if name in sources or f"{dot}{ending}" not in endings or not re.fullmatch(NAME, name):
            continue
        if path.is_dir() and not path.is_symlink():
            if not dot:
                shutil.rmtree(path)
        elif dot or path.is_symlink():
            path.unlink()


def _remove_others(folder: Path, wanted: set[Path]) -> None:
    for path in folder.rglob("*.json"):
        if path not in wanted:
            path.unlink()


if __name__ == "__main__":
    run(main)
