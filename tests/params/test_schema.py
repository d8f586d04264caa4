from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stages.params import schema

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "params.yaml", *sorted((ROOT / "presets").glob("*.yaml"))]


def test_the_published_schema_is_the_one_of_the_models() -> None:
    published = (ROOT / schema.PLACE).read_text("utf-8")
    assert published == schema.text(), "run: python -m stages.params.schema"


def test_editors_are_told_where_it_is() -> None:
    settings = json.loads((ROOT / ".vscode/settings.json").read_text("utf-8"))
    assert settings["yaml.schemas"] == {schema.PLACE.name: ["params.yaml", "presets/*.yaml"]}
    for path in SHIPPED:
        first = path.read_text("utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema={schema.PLACE}"


def properties(
    node: Any, required: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Any, bool]]:
    for name, inner in node.get("properties", {}).items():
        yield name, inner, name in node.get("required", [])


def test_every_key_has_a_description_a_unit_and_a_default_or_an_example() -> None:
    found = schema.editor_schema()
    nodes = [found, *found["$defs"].values()]
    keys = [key for node in nodes for key in properties(node)]
    assert len(keys) > 40
    for name, key, required in keys:
        assert key["description"].endswith("."), name
        assert key["unit"], name
        assert ("examples" in key) if required else ("default" in key), name
        if key["unit"] != "none":
            assert key["description"].endswith(f"Unit: {key['unit']}."), name


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_schema_accepts_what_we_ship(path: Path) -> None:
    validator = jsonschema.Draft7Validator(schema.editor_schema())
    validator.check_schema(validator.schema)
    validator.validate(yaml.safe_load(path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("engine", "autoo"),
        ("models", {"a.b": {"ollama": "x"}}),
        ("models", {"a": {"olama": "x"}}),
        ("generation", {"epochs": "2"}),
        ("prompts", []),
        ("sidebyside", {"t": {"models": ["a"], "prompts": ["b"]}}),
        ("trace", {"hz": 0}),
    ],
)
def test_the_schema_refuses_what_we_refuse(section: str, value: Any) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")) | {section: value}
    validator = jsonschema.Draft7Validator(schema.editor_schema())
    (error,) = validator.iter_errors(params)
    assert error.absolute_path[0] == section
