"""From pydantic's errors to problems: what is allowed is read from the model's own JSON schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from stages.params.document import Document
from stages.params.problems import Problem, Trail, nearest, plain, shown
from stages.params.schema import schema_of

Schema = dict[str, Any]


def explain(
    errors: Iterable[ErrorDetails], document: Document, model: type[BaseModel], top: Trail = ()
) -> list[Problem]:
    """One problem for each place that pydantic objects to; ``top`` leads to what it checked."""
    root = schema_of(model)
    problems: dict[Trail, Problem] = {}
    for error in errors:
        trail = (*top, *error["loc"])
        if error["type"] == "extra_forbidden":
            text = _unknown(str(trail[-1]), _at(root, trail[len(top) : -1]))
        elif error["type"] == "missing":
            text = f"is missing; add {_example(str(trail[-1]), _at(root, trail[len(top) :]))}"
        else:
            trail = _inside(document, trail)
            found = document.values(trail)
            text = f"found {shown(found)}; {_wanted(_at(root, trail[len(top) :]), found)}"
        problems.setdefault(trail, document.problem(trail, text))
    said = {(trail[:-1], problem.text) for trail, problem in problems.items()}
    return [
        problem
        for trail, problem in problems.items()
        if (trail[:-1], _misspelt(str(trail[-1]))) not in said  # missing, but there under a typo
    ]


def _inside(document: Document, trail: Trail) -> Trail:
    """``trail`` without what pydantic adds to it for the branches of a union."""
    while trail not in document.lines:
        trail = trail[:-1]
    return trail


def _at(root: Schema, trail: Trail) -> Schema:
    """The schema of the value at ``trail``, references followed; empty if there is none."""
    node = root
    for step in trail:
        inner = _resolved(root, node)
        if isinstance(step, int):
            node = _one_with(root, inner, "items").get("items", {})
        else:
            inner = _one_with(root, inner, "properties", "additionalProperties")
            rest = inner.get("additionalProperties")
            node = inner.get("properties", {}).get(step) or (rest if isinstance(rest, dict) else {})
    return _resolved(root, node)


def _resolved(root: Schema, node: Schema) -> Schema:
    if "$ref" in node:
        beside = {name: value for name, value in node.items() if name != "$ref"}
        return {**root["$defs"][node["$ref"].rsplit("/", 1)[1]], **beside}
    return node


def _one_with(root: Schema, node: Schema, *names: str) -> Schema:
    """The branch of a union that has one of ``names``; the node itself if it is none."""
    for branch in (_resolved(root, branch) for branch in node.get("anyOf", [])):
        if any(name in branch for name in names):
            return branch
    return node


def _unknown(name: str, parent: Schema) -> str:
    known = parent.get("properties", {})
    head, dot, tail = name.partition(".")
    if dot and head in known:
        return f"unknown key; keys are nested, not dotted: write {plain(tail)} under {head}"
    return f"unknown key; {nearest(name, known)}"


def _misspelt(name: str) -> str:
    return f"unknown key; did you mean {name}?"


def _example(name: str, node: Schema) -> str:
    value = node["examples"][0] if "examples" in node else "…"
    return f"{name}: {flow(value)}"


def flow(value: Any) -> str:
    """A value as one line of YAML, to be pasted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and value.replace("-", "").replace("/", "").isalnum():
        return value
    return shown(value) if value is not None else "null"


def _wanted(node: Schema, found: Any) -> str:
    kinds = node.get("anyOf", [node])
    text = f"must be {_either([word for kind in kinds for word in _words(kind)])}"
    examples = node.get("examples") or kinds[0].get("examples")
    if any(kind.get("type") == "string" and "enum" not in kind for kind in kinds):
        if isinstance(found, (bool, int, float)):
            text += f': put quotes around it, "{shown(found)}"'
        elif examples:
            text += f", such as {' or '.join(map(flow, examples[:2]))}"
    elif examples and "enum" not in node:
        text += f", such as {flow(examples[0])}"
    if node.get("default") is not None and not isinstance(node["default"], dict):
        text += f" (default {flow(node['default'])})"
    return text


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _words(node: Schema) -> list[str]:
    """What may stand at ``node``, one item an alternative."""
    if "enum" in node:
        return list(map(str, node["enum"]))
    match node.get("type"):
        case "integer":
            return [f"a whole number{_range(node)}"]
        case "number":
            return [f"a number{_range(node)}"]
        case "boolean":
            return ["true", "false"]
        case "null":
            return ["null"]
        case "string":
            return ["text on one line" if node.get("pattern", "").startswith("^") else "text"]
        case "array" if choices := node["items"].get("enum"):
            return [f"a list of {_either(list(map(str, choices)))}"]
        case "array":
            least, most = node.get("minItems", 0), node.get("maxItems")
            return [f"a list of {least}" if least == most else f"a list of {least} or more"]
        case _:
            return ["a mapping (key: value)"]


def _range(node: Schema) -> str:
    if "exclusiveMinimum" in node:
        return f" above {_count(node['exclusiveMinimum'])} and at most {_count(node['maximum'])}"
    return f" from {_count(node['minimum'])} to {_count(node['maximum'])}"


def _count(number: float) -> str:
    return f"{number:,.15g}"
