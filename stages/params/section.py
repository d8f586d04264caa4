"""What every section of params.yaml shares: strict types, no unknown keys, a unit for each key."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NO_UNIT = "none"

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=4096)]
"""Text on one line: nothing that could end a line, a path or a command early."""


class Section(BaseModel):
    """Immutable; no type is converted to another, and neither NaN nor infinity is a number."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def key(default: Any, unit: str, description: str, **more: Any) -> Any:
    """A key with its default, unit (``NO_UNIT`` for none) and what it does in a short sentence.

    ``more`` goes to pydantic's ``Field``: limits and examples.
    """
    return Field(default, description=description, json_schema_extra={"unit": unit}, **more)
