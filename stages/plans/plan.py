"""What every plan file is."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.errors import UserError


class Plan(BaseModel):
    """A plan file: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that the stage ``plan`` wrote. Raises ``UserError`` where it isn't one."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise UserError(
                f"{path}: no such plan; name what stands in params.yaml, and run `dvc repro`"
            ) from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise UserError(
                f"{path}: not as the stage plan writes it ({first['msg']}); run `dvc repro -f plan`"
            ) from None
