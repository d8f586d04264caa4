"""The JSON schema of params.yaml, with which editors complete and check it.

``python -m stages.params.schema`` writes it to ``.params.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from typing_extensions import override

from stages.errors import run
from stages.params.root import Params
from stages.params.section import NO_UNIT

PLACE = Path(".params.schema.json")
DIALECT = "http://json-schema.org/draft-07/schema#"  # what editors' YAML support implements


class _AsWritten(GenerateJsonSchema):
    """Keeps the order in which keys are declared: it is the order in which they are read."""

    @override
    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        return value


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of ``model``, keys in the order of declaration."""
    return model.model_json_schema(schema_generator=_AsWritten)


def editor_schema() -> dict[str, Any]:
    """The schema of params.yaml with each unit in its description, where editors show it."""
    schema = {"$schema": DIALECT, **schema_of(Params)}
    for node in _nodes(schema):
        unit = node.get("unit", NO_UNIT)
        if unit != NO_UNIT:
            node["description"] += f" Unit: {unit}."
    return schema


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "description" in value and "unit" in value:
            yield value
        for inner in value.values():
            yield from _nodes(inner)


def text() -> str:
    """What stands in the file."""
    return json.dumps(editor_schema(), indent=2, ensure_ascii=False) + "\n"


def main(_arguments: list[str]) -> None:
    """Write the schema."""
    PLACE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    run(main)
