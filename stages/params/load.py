"""Read params.yaml: every mistake at once, each with its line, or typed parameters."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stages.params import checks
from stages.params.document import Document, read_yaml
from stages.params.explain import explain
from stages.params.problems import ABSENT, Problem, Trail, refuse
from stages.params.root import Params

LARGEST = 1_048_576  # bytes
WRITE_ONE = "copy presets/starter.yaml to params.yaml, or run: overthink init"

_SECTIONS: dict[str, Any] = {
    "engine": "auto",
    "models": {},
    "transcripts": {},
    "prompts": [ABSENT],
    "generation": {},
    "sidebyside": {},
    "scoring": {},
    "trace": {},
    "report": {},
}
_REQUIRED: dict[str, Any] = {"models": [ABSENT, ABSENT], "prompts": [ABSENT], "file": ABSENT}


@dataclass(frozen=True)
class Reading:
    """What is in a file. With ``problems``, ``params`` holds what stands without the mistakes."""

    params: Params
    document: Document
    problems: list[Problem]

    def blames(self, trail: Trail) -> bool:
        """Whether a problem is known at ``trail``, around it or within it."""
        trails = (problem.trail for problem in self.problems)
        return any(trail[: len(other)] == other[: len(trail)] for other in trails)

    def add(self, trail: Trail, text: str) -> None:
        """Note a further problem, unless ``trail`` is blamed already: it may follow from that."""
        if not self.blames(trail):
            self.problems.append(self.document.problem(trail, text))


def load(path: Path = Path("params.yaml"), root: Path = Path()) -> Params:
    """Read and check the parameters; paths in them are relative to ``root``.

    Raises UserError with every mistake, one a line.
    """
    reading = read(path, root)
    refuse(reading.problems)
    return reading.params


def read(path: Path, root: Path = Path()) -> Reading:
    """Read the parameters and all that is wrong with them; raises nothing for their content."""
    document = read_yaml(path, LARGEST, path.as_posix(), WRITE_ONE)
    blank = Params.model_validate(_SECTIONS)
    if not document.readable:
        return Reading(blank, document, document.problems)
    if not isinstance(document.value, dict):
        text = f"holds no sections; write engine:, models: and so on, or {WRITE_ONE}"
        return Reading(blank, document, [*document.problems, document.problem((), text)])
    params, problems = _validate(document)
    reading = Reading(params, document, problems)
    for trail, text in list(checks.across(params, document, root)):
        reading.add(trail, text)
    problems.extend(checks.names(document))
    return reading


def _validate(document: Document) -> tuple[Params, list[Problem]]:
    """Typed parameters, mended where pydantic objects, so that the rest can be checked too."""
    problems = list(document.problems)
    value = copy.deepcopy(document.value)
    objections = _objections(value)
    blamed = {problem.trail for problem in problems}
    problems += [p for p in explain(objections, document, Params) if p.trail not in blamed]
    while objections:
        _mend(value, objections)
        objections = _objections(value)
    return Params.model_validate(value), problems


def _objections(value: Any) -> list[ErrorDetails]:
    try:
        Params.model_validate(value)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _mend(value: dict[str, Any], objections: list[ErrorDetails]) -> None:
    """Put something valid where pydantic objects; the place is blamed, so no check looks at it."""
    absent = [error["loc"] for error in objections if error["type"] == "missing"]
    wrong = dict.fromkeys(
        _existing(value, error["loc"]) for error in objections if error["loc"] not in absent
    )
    for *outer, last in (*wrong, *absent):
        container: Any = value
        for step in outer:
            container = container[step]
        if isinstance(last, int):
            if last < len(container) and container[last] != ABSENT:
                container[last] = ABSENT
            else:  # nor may any text stand there, as in a list of choices
                container[:] = [item for item in container if item != ABSENT]
        elif (*outer, last) in absent:
            container[last] = (_REQUIRED if outer else _SECTIONS)[str(last)]
        else:
            del container[last]


def _existing(value: Any, trail: Trail) -> Trail:
    for depth, step in enumerate(trail):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return trail[:depth]
    return trail
