"""What a model *is*: ``data/models/MODEL.json``, written by ``pull``, checked by ``generate``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from stages.files import write_json
from stages.sizing.need import Shape


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    engine: Literal["ollama", "embedded"]


class Manifest(_Entry):
    """One model's identity and facts; null where the source doesn't say.

    Identity is ``weights_digest`` (``sha256:…`` of the weights file) with ``template_hash``
    (``sha256:…`` of the chat template's text) and ``settings_hash`` (of what else a Modelfile sets;
    null where nothing). ``size_bytes`` is the weights file's, ``parameters``
    a count, ``context_length`` in tokens; from ``shape`` follows the memory that a context takes.
    """

    error: None = None
    engine_version: str
    ollama: str | None
    gguf: str | None
    host: str | None
    name: str | None
    weights_digest: str
    manifest_digest: str | None
    template_hash: str | None
    settings_hash: str | None = None
    size_bytes: int
    quantisation: str | None
    family: str | None
    parameters: int | None
    context_length: int | None
    shape: Shape | None = None
    capabilities: list[str]
    license: str | None
    parent: str | None


class Missing(_Entry):
    """A model that couldn't be had: the others go on, and ``gate`` fails the run in the end."""

    error: str


_ENTRY: TypeAdapter[Manifest | Missing] = TypeAdapter(Manifest | Missing)
_ROSTER: TypeAdapter[list[Manifest | Missing]] = TypeAdapter(list[Manifest | Missing])


def path_of(key: str) -> Path:
    """Where a model's manifest lies, from the project's root."""
    return Path("data/models") / f"{key}.json"


def read_manifest(key: str) -> Manifest | Missing:
    """Read what ``pull`` wrote."""
    return _ENTRY.validate_json(path_of(key).read_bytes())


def read_roster(test: str) -> dict[str, Manifest | Missing]:
    """Read what ``roster`` wrote: the manifests of a test's models by key."""
    content = Path(f"data/rosters/{test}.json").read_bytes()
    return {entry.key: entry for entry in _ROSTER.validate_json(content)}


def write_manifest(entry: Manifest | Missing) -> None:
    """Write one model's entry."""
    write_json(path_of(entry.key), entry.model_dump())
