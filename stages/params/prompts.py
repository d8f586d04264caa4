"""``prompts``: which of the prompts in ``data/prompts`` are asked."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

Chosen = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?$",
        max_length=255,
        examples=["original", "original/test1"],
    ),
]
"""``SET`` (every prompt of ``data/prompts/SET.yaml``) or ``SET/ID`` (one of them)."""

Selection: TypeAlias = list[Chosen]
