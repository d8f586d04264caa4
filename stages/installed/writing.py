"""params.yaml as text: every key with its unit and meaning, every model with what it needs."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stages.params.models import Model
from stages.params.problems import plain
from stages.params.root import Params
from stages.params.section import NO_UNIT

AMBIGUOUS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
"""Words that some readers of YAML take for something else than text, whatever the case."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*")
_COLUMN = 34  # where remarks begin
_WIDTH = 100
_SCHEMA = "# yaml-language-server: $schema=.params.schema.json"


def written(
    params: Params,
    introduction: str,
    remarks: Mapping[str, str],
    left_out: Iterable[str],
) -> str:
    """The file: ``remarks`` stand behind the keys of the models, ``left_out`` below the last."""
    lines = [_SCHEMA, "#", *_comment(introduction), ""]
    for name, field in Params.model_fields.items():
        value = getattr(params, name)
        if name == "models":
            lines += _remarked("models:", str(field.description))
            for key, model in params.models.items():
                lines += _model(key, model, remarks[key])
            for left in left_out:
                lines += _comment(f"left out: {left}", "  ")
        else:
            lines += _entry(name, value, field, "")
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _model(key: str, model: Model, remark: str) -> Iterator[str]:
    yield from _remarked(f"  {_flow(key)}:", remark)
    for name, value in model.model_dump(exclude_defaults=True).items():
        yield f"    {name}: {_flow(value)}"


def _entry(name: str, value: Any, field: FieldInfo, indent: str) -> Iterator[str]:
    begin = f"{indent}{_flow(name)}:"
    if isinstance(value, BaseModel):
        yield begin
        for inner, described in type(value).model_fields.items():
            yield from _entry(inner, getattr(value, inner), described, f"{indent}  ")
    elif isinstance(value, dict) and value:
        yield from _remarked(begin, str(field.description))
        for key, inner in value.items():
            yield from _entry(key, inner, field, f"{indent}  ")
    elif isinstance(value, list) and not indent:
        yield from _remarked(begin, str(field.description))
        yield from (f"  - {_flow(item)}" for item in value)
    else:
        extra = field.json_schema_extra
        unit = extra.get("unit") if isinstance(extra, dict) else None
        said = f"{field.description}" if unit in (None, NO_UNIT) else f"{unit}: {field.description}"
        yield from _remarked(f"{begin} {_flow(value)}", said)


def _flow(value: Any) -> str:
    """A value on one line. Text is plain where no reader can take it for something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(own)}" for name, own in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in AMBIGUOUS:
        return value
    return json.dumps(value, ensure_ascii=False)  # YAML reads JSON's quotes and escapes the same


def _remarked(text: str, remark: str) -> Iterator[str]:
    """``text`` with ``remark`` behind it, or below it, on as many lines as that takes."""
    first, *more = (f" # {line}" for line in textwrap.wrap(plain(remark), _WIDTH - _COLUMN - 2))
    if len(text) + len(first) > _WIDTH:
        more, first = [first, *more], ""
    yield f"{text:<{_COLUMN - 1}}{first}".rstrip()
    yield from (f"{'':<{_COLUMN - 1}}{line}" for line in more)


def _comment(text: str, indent: str = "") -> list[str]:
    begin = f"{indent}# "
    return textwrap.wrap(plain(text), _WIDTH, initial_indent=begin, subsequent_indent=begin)
