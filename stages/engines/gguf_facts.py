"""What a GGUF file says of itself: name, family, size, licence, context, template."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf

from stages.engines.gguf_reader import Reader
from stages.sizing.need import SHAPE_FACTS, Shape, shape_of


@dataclass(frozen=True)
class GgufFacts:
    """Facts from the file's header; null where it doesn't state them."""

    name: str | None
    family: str | None
    quantisation: str | None
    parameters: int
    context_length: int | None
    shape: Shape | None
    license: str | None
    parent: str | None
    template: str | None


def read_facts(path: Path) -> GgufFacts:
    """Read a GGUF header (specification: the ggml project's docs/gguf.md).

    Raises ``ValueError`` where the file is no readable GGUF.
    """
    try:
        reader = Reader(path)
    except (ValueError, IndexError, KeyError, OSError, OverflowError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no readable GGUF file: {error}") from error

    def value(key: str) -> Any:
        field = reader.get_field(key)
        return field.contents() if field else None

    def text(key: str) -> str | None:
        found = value(key)
        return str(found) if found is not None else None

    family = text("general.architecture")
    context = text(f"{family}.context_length")
    file_type = text("general.file_type")
    keys = [f"{family}.{name}" for name in SHAPE_FACTS]
    # What isn't there has a default; null would say that there is no one figure.
    shape = {key: value(key) for key in keys if reader.get_field(key)}
    return GgufFacts(
        name=text("general.name"),
        family=family,
        quantisation=_quantisation(file_type),
        parameters=sum(int(tensor.n_elements) for tensor in reader.tensors),
        context_length=int(context) if context else None,
        shape=shape_of({"general.architecture": family} | shape) if family else None,
        license=text("general.license"),
        parent=text("general.base_model.0.name"),
        template=text("tokenizer.chat_template"),
    )


def _quantisation(file_type: str | None) -> str | None:
    """``LlamaFileType`` by number, in the spelling that users know (``Q4_1``)."""
    if file_type is None:
        return None
    try:
        return gguf.LlamaFileType(int(file_type)).name.removeprefix("MOSTLY_").removeprefix("ALL_")
    except ValueError:
        return None
