"""Finding a GGUF file, and telling by its content whether it is the one that was pulled."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from stages.errors import UserError

PACKAGE = "package:"


def locate(gguf: str) -> Path:
    """The weights file that ``gguf`` names: a path, or ``package:DISTRIBUTION/FILE.gguf``.

    The packaged form finds a file of an installed Python distribution without importing it.
    Raises ``UserError`` where there is no such file.
    """
    if not gguf.startswith(PACKAGE):
        path = Path(gguf)
        if not path.is_file():
            raise UserError(f"gguf: no file at {gguf!r}; correct the path in params.yaml")
        return path
    name, _, wanted = gguf.removeprefix(PACKAGE).partition("/")
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        raise UserError(
            f"gguf: {gguf!r} names the package {name!r}, which isn't installed; "
            "run `make setup`, or correct the name in params.yaml"
        ) from None
    matches = [file for file in files if file.name == wanted]
    if len(matches) != 1:
        held = sorted(file.name for file in files if file.suffix == ".gguf")
        raise UserError(
            f"gguf: the package {name!r} holds no file {wanted!r}; "
            f"it holds {', '.join(held) or 'no GGUF file'}"
        )
    return Path(str(matches[0].locate()))


def digest(path: Path) -> str:
    """The file's identity, ``sha256:…`` (Ollama names the same weights the same way)."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
